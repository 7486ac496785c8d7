#include "sim/core/zstd_stream.hpp"

#include <zstd.h>

#include <array>
#include <fstream>
#include <stdexcept>
#include <streambuf>

namespace plenum {
namespace {

class ZstdBuffer : public std::streambuf {
 public:
  explicit ZstdBuffer(const std::filesystem::path& file) : file_(file, std::ios::binary) {}
  bool is_open() const { return file_.is_open(); }

 protected:
  /// What this throws makes the istream bad.
  int_type underflow() override {
    ZSTD_outBuffer out{text_.data(), text_.size(), 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size && !refill()) return traits_type::eof();
      left_in_frame_ = ZSTD_decompressStream(stream_.get(), &out, &in_);
      if (ZSTD_isError(left_in_frame_)) throw std::runtime_error(ZSTD_getErrorName(left_in_frame_));
    }
    setg(text_.data(), text_.data(), text_.data() + out.pos);
    return traits_type::to_int_type(text_[0]);
  }

 private:
  bool refill() {
    file_.read(compressed_.data(), static_cast<std::streamsize>(compressed_.size()));
    in_ = {compressed_.data(), static_cast<std::size_t>(file_.gcount()), 0};
    if (in_.size == 0 && left_in_frame_ != 0) throw std::runtime_error("it ends early");
    return in_.size > 0;
  }

  std::ifstream file_;
  std::array<char, 1 << 16> compressed_{}, text_{};
  ZSTD_inBuffer in_{};
  std::size_t left_in_frame_ = 0;
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_{ZSTD_createDStream(), &ZSTD_freeDStream};
};

class ZstdStream : public std::istream {
 public:
  explicit ZstdStream(const std::filesystem::path& file) : std::istream(nullptr), buffer_(file) { rdbuf(&buffer_); }
  bool is_open() const { return buffer_.is_open(); }

 private:
  ZstdBuffer buffer_;
};

}  // namespace

std::unique_ptr<std::istream> open_zstd(const std::filesystem::path& file, Issues& issues) {
  auto stream = std::make_unique<ZstdStream>(file);
  std::error_code ignored;
  if (stream->is_open() && std::filesystem::is_regular_file(file, ignored)) return stream;
  issues.error({file.string()}, "", "cannot be read");
  return nullptr;
}

}  // namespace plenum
