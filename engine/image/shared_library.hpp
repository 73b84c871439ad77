// A shared library opened at first use, so that commands which don't need it don't pay for loading it. It is
// never closed: the tables made from it live as long as the process.
#pragma once

#include "base/error.hpp"

#include <dlfcn.h>
#include <string>

namespace image {

class SharedLibrary {
  public:
    // @throws base::Error naming the Debian package that has it.
    SharedLibrary(const char *name, const char *package)
        : name_(name), handle_(::dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ == nullptr)
            throw base::Error("cannot load " + name_ + ": " + ::dlerror(),
                              std::string("install the package ") + package);
    }

    // @throws base::Error when the library is too old to have it.
    template <typename Function>
    void find(Function *&function, const char *symbol) const {
        function = reinterpret_cast<Function *>(::dlsym(handle_, symbol));
        if (function == nullptr)
            throw base::Error(name_ + " has no " + symbol, "install the version of Debian 12 or newer");
    }

  private:
    std::string name_;
    void *handle_;
};

} // namespace image
