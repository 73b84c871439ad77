#include "base/digest.hpp"

#include "base/error.hpp"

// The EVP interface would link all of libcrypto (2 MiB of text) and load its providers at every start (1 ms).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <sys/random.h>

#include <array>
#include <vector>

namespace base {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

std::string to_hex(const unsigned char *data, std::size_t size) {
    std::string text;
    text.reserve(size * 2);
    for (std::size_t i = 0; i < size; ++i) {
        text += hex_digits[data[i] >> 4];
        text += hex_digits[data[i] & 15];
    }
    return text;
}

} // namespace

struct Sha256::Context {
    SHA256_CTX native;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
    SHA256_Init(&context_->native);
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256 &&) noexcept = default;
Sha256 &Sha256::operator=(Sha256 &&) noexcept = default;

void Sha256::update(std::string_view data) {
    SHA256_Update(&context_->native, data.data(), data.size());
}

std::string Sha256::hex() {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256_Final(digest.data(), &context_->native);
    return to_hex(digest.data(), digest.size());
}

std::string sha256_hex(std::string_view data) {
    Sha256 hash;
    hash.update(data);
    return hash.hex();
}

std::string random_hex(std::size_t digits) {
    std::vector<unsigned char> random((digits + 1) / 2);
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
        throw_errno("get random bytes", "");
    std::string text = to_hex(random.data(), random.size());
    text.resize(digits);
    return text;
}

} // namespace base
