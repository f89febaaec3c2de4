// epoll and eventfd are not in the Glibc module; this header brings them to Swift.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
