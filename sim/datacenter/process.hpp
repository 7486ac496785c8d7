// Processes in simulated time, as coroutines: what a rank does reads from top to bottom, and waiting is co_await.
// A Process starts at once, is itself awaitable, and owns its frame. A Signal is raised once; awaiting a raised one
// goes on.
#pragma once

#include <coroutine>
#include <exception>
#include <utility>
#include <vector>

namespace plenum::datacenter {

class Signal {
 public:
  Signal() = default;
  Signal(const Signal&) = delete;  // waiters hold its address
  Signal& operator=(const Signal&) = delete;

  bool raised() const { return raised_; }
  void raise() {
    raised_ = true;
    for (const std::coroutine_handle<> waiter : std::exchange(waiters_, {})) waiter.resume();
  }

  struct Awaiter {
    Signal& signal;
    bool await_ready() const { return signal.raised_; }
    void await_suspend(std::coroutine_handle<> waiter) const { signal.waiters_.push_back(waiter); }
    void await_resume() const {}
  };
  Awaiter operator co_await() { return {*this}; }

 private:
  bool raised_ = false;
  std::vector<std::coroutine_handle<>> waiters_;
};

class Process {
 public:
  struct promise_type {
    std::coroutine_handle<> waiter;
    std::exception_ptr failure;
    Process get_return_object() { return Process(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    void return_void() const {}
    /// Kept for whoever asks: thrown from here, GCC 12 frees the frame of a process that has not yet waited twice.
    void unhandled_exception() { failure = std::current_exception(); }
    void rethrow_failure() const {
      if (failure) std::rethrow_exception(failure);
    }

    struct ResumeWaiter {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
        return self.promise().waiter ? self.promise().waiter : std::noop_coroutine();
      }
      void await_resume() const noexcept {}
    };
    ResumeWaiter final_suspend() const noexcept { return {}; }
  };

  Process() = default;
  Process(Process&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Process& operator=(Process&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Process() {
    if (handle_) handle_.destroy();
  }

  /// Throws what ended the process.
  bool done() const {
    if (handle_) handle_.promise().rethrow_failure();
    return handle_ && handle_.done();
  }

  /// To await a process that is kept, which GCC 12 would copy: co_await process.ended().
  struct Ended {
    std::coroutine_handle<promise_type> handle;
    bool await_ready() const { return handle.done(); }
    void await_suspend(std::coroutine_handle<> waiter) const { handle.promise().waiter = waiter; }
    void await_resume() const { handle.promise().rethrow_failure(); }
  };
  Ended ended() const { return {handle_}; }

  bool await_ready() const { return handle_.done(); }
  void await_suspend(std::coroutine_handle<> waiter) const { handle_.promise().waiter = waiter; }
  void await_resume() const { handle_.promise().rethrow_failure(); }

 private:
  explicit Process(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

}  // namespace plenum::datacenter
