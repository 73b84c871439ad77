// SHA-256 (FIPS 180-4) and random identifiers.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace base {

// Incremental SHA-256.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256 &&) noexcept;
    Sha256 &operator=(Sha256 &&) noexcept;

    void update(std::string_view data);
    // 64 lower-case hex digits. The object can't be used afterwards.
    [[nodiscard]] std::string hex();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

[[nodiscard]] std::string sha256_hex(std::string_view data);

// `digits` random lower-case hex digits from getrandom(2). A container id has 64, its short form 12.
[[nodiscard]] std::string random_hex(std::size_t digits);

} // namespace base
