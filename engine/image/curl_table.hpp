// The functions of libcurl that are used, opened with dlopen: linking it costs every command 10 ms.
#pragma once

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

namespace image {

struct CurlTable {
    decltype(::curl_easy_init) *easy_init = nullptr;
    decltype(::curl_easy_cleanup) *easy_cleanup = nullptr;
    decltype(::curl_easy_reset) *easy_reset = nullptr;
    decltype(::curl_easy_setopt) *easy_setopt = nullptr;
    decltype(::curl_easy_getinfo) *easy_getinfo = nullptr;
    decltype(::curl_easy_strerror) *easy_strerror = nullptr;
    decltype(::curl_multi_init) *multi_init = nullptr;
    decltype(::curl_multi_cleanup) *multi_cleanup = nullptr;
    decltype(::curl_multi_add_handle) *multi_add_handle = nullptr;
    decltype(::curl_multi_remove_handle) *multi_remove_handle = nullptr;
    decltype(::curl_multi_perform) *multi_perform = nullptr;
    decltype(::curl_multi_poll) *multi_poll = nullptr;
    decltype(::curl_multi_info_read) *multi_info_read = nullptr;
    decltype(::curl_slist_append) *slist_append = nullptr;
    decltype(::curl_slist_free_all) *slist_free_all = nullptr;
};

// Opened and initialised once; safe from several threads. @throws base::Error when it is missing.
[[nodiscard]] const CurlTable &curl();

} // namespace image
