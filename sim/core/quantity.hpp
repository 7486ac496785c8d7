// Quantities with a dimension. Mixing dimensions does not compile; multiplying and dividing them gives the right one:
// Bytes / BytesPerSecond is Seconds, Watts * Seconds is Joules. Bytes are counted (64-bit integers), the rest is measured
// (double, SI: seconds, bytes, floating-point operations, joules, US dollars).
#pragma once

#include <compare>
#include <cstdint>
#include <type_traits>

namespace plenum {

template <int Time, int Data, int Work, int Energy, int Money> struct Dimension {};

template <class D, class Rep = double> class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }  ///< in SI units
  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity& operator+=(Quantity other) { value_ += other.value_; return *this; }
  constexpr Quantity& operator-=(Quantity other) { value_ -= other.value_; return *this; }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.value_ + b.value_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.value_ - b.value_); }
  friend constexpr Quantity operator*(Quantity a, Rep factor) { return Quantity(a.value_ * factor); }
  friend constexpr Quantity operator*(Rep factor, Quantity a) { return Quantity(factor * a.value_); }
  friend constexpr Quantity operator/(Quantity a, Rep divisor) { return Quantity(a.value_ / divisor); }
  friend constexpr double operator/(Quantity a, Quantity b) {
    return static_cast<double>(a.value_) / static_cast<double>(b.value_);
  }

 private:
  Rep value_{};
};

namespace detail {
template <class A, class B> struct Product;
template <int T1, int D1, int W1, int E1, int M1, int T2, int D2, int W2, int E2, int M2>
struct Product<Dimension<T1, D1, W1, E1, M1>, Dimension<T2, D2, W2, E2, M2>> {
  using type = Dimension<T1 + T2, D1 + D2, W1 + W2, E1 + E2, M1 + M2>;
};
template <class A, class B> struct Ratio;
template <int T1, int D1, int W1, int E1, int M1, int T2, int D2, int W2, int E2, int M2>
struct Ratio<Dimension<T1, D1, W1, E1, M1>, Dimension<T2, D2, W2, E2, M2>> {
  using type = Dimension<T1 - T2, D1 - D2, W1 - W2, E1 - E2, M1 - M2>;
};
}  // namespace detail

template <class A, class RA, class B, class RB>
constexpr auto operator*(Quantity<A, RA> a, Quantity<B, RB> b) {
  return Quantity<typename detail::Product<A, B>::type>(static_cast<double>(a.value()) * static_cast<double>(b.value()));
}
template <class A, class RA, class B, class RB>
  requires(!std::is_same_v<A, B>)
constexpr auto operator/(Quantity<A, RA> a, Quantity<B, RB> b) {
  return Quantity<typename detail::Ratio<A, B>::type>(static_cast<double>(a.value()) / static_cast<double>(b.value()));
}

using Seconds = Quantity<Dimension<1, 0, 0, 0, 0>>;
using Bytes = Quantity<Dimension<0, 1, 0, 0, 0>, std::int64_t>;
using BytesPerSecond = Quantity<Dimension<-1, 1, 0, 0, 0>>;
using Flops = Quantity<Dimension<0, 0, 1, 0, 0>>;  ///< a count of floating-point operations (exceeds 64-bit integers)
using FlopsPerSecond = Quantity<Dimension<-1, 0, 1, 0, 0>>;
using Joules = Quantity<Dimension<0, 0, 0, 1, 0>>;
using Watts = Quantity<Dimension<-1, 0, 0, 1, 0>>;
using Dollars = Quantity<Dimension<0, 0, 0, 0, 1>>;
using DollarsPerSecond = Quantity<Dimension<-1, 0, 0, 0, 1>>;
using DollarsPerJoule = Quantity<Dimension<0, 0, 0, -1, 1>>;

}  // namespace plenum
