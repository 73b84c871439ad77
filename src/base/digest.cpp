#include "base/digest.hpp"

#include "base/error.hpp"

#include <openssl/evp.h>

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
    EVP_MD_CTX *native = EVP_MD_CTX_new();

    Context() = default;
    Context(const Context &) = delete;
    Context &operator=(const Context &) = delete;

    ~Context() { EVP_MD_CTX_free(native); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
    if (EVP_DigestInit_ex(context_->native, EVP_sha256(), nullptr) != 1)
        throw Error("SHA-256 is not available in this OpenSSL");
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256 &&) noexcept = default;
Sha256 &Sha256::operator=(Sha256 &&) noexcept = default;

void Sha256::update(std::string_view data) {
    EVP_DigestUpdate(context_->native, data.data(), data.size());
}

std::string Sha256::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_DigestFinal_ex(context_->native, digest.data(), &size);
    return to_hex(digest.data(), size);
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
