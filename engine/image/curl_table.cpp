#include "engine/image/curl_table.hpp"

#include "engine/image/shared_library.hpp"

namespace image {

namespace {

CurlTable load_curl() {
    const SharedLibrary library("libcurl.so.4", "libcurl4");
    CurlTable table;
    library.find(table.easy_init, "curl_easy_init");
    library.find(table.easy_cleanup, "curl_easy_cleanup");
    library.find(table.easy_reset, "curl_easy_reset");
    library.find(table.easy_setopt, "curl_easy_setopt");
    library.find(table.easy_getinfo, "curl_easy_getinfo");
    library.find(table.easy_strerror, "curl_easy_strerror");
    library.find(table.multi_init, "curl_multi_init");
    library.find(table.multi_cleanup, "curl_multi_cleanup");
    library.find(table.multi_add_handle, "curl_multi_add_handle");
    library.find(table.multi_remove_handle, "curl_multi_remove_handle");
    library.find(table.multi_perform, "curl_multi_perform");
    library.find(table.multi_poll, "curl_multi_poll");
    library.find(table.multi_info_read, "curl_multi_info_read");
    library.find(table.slist_append, "curl_slist_append");
    library.find(table.slist_free_all, "curl_slist_free_all");
    decltype(::curl_global_init) *global_init = nullptr;
    library.find(global_init, "curl_global_init");
    if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        throw base::Error("cannot initialise libcurl");
    return table;
}

} // namespace

const CurlTable &curl() {
    static const CurlTable table = load_curl();
    return table;
}

} // namespace image
