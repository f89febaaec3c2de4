// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call: one function per argument type.
#pragma once
#include <curl/curl.h>

CURLcode ccurl_setopt_long(CURL *handle, CURLoption option, long value);
CURLcode ccurl_setopt_string(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_setopt_pointer(CURL *handle, CURLoption option, void *value);
CURLcode ccurl_setopt_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode ccurl_setopt_read(CURL *handle, size_t (*callback)(char *, size_t, size_t, void *));
CURLcode ccurl_setopt_seek(CURL *handle, int (*callback)(void *, curl_off_t, int));
CURLcode ccurl_getinfo_long(CURL *handle, CURLINFO info, long *value);
