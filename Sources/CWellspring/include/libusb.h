// The calls of libusb-1.0 that Wellspring makes, as pointers found at run time (libusb's API documentation, 1.0).
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// The library is no dependency of the program: these are our own declarations of its binary interface, and
// Swift cannot give a pointer from dlsym the type of a C function.

struct ws_libusb_context;
struct ws_libusb_device;
struct ws_libusb_handle;

/// A USB device descriptor (USB 2.0 table 9-8) in the host's byte order.
struct ws_libusb_descriptor {
    uint8_t length, type;
    uint16_t usb_version;
    uint8_t device_class, device_subclass, device_protocol, max_packet_size;
    uint16_t vendor, product, device_version;
    uint8_t manufacturer_index, product_index, serial_index, configuration_count;
};

/// Members bear the names of the functions without "libusb_". Results below zero are errors.
struct ws_libusb {
    int (*init)(struct ws_libusb_context **context);
    void (*exit)(struct ws_libusb_context *context);
    ssize_t (*get_device_list)(struct ws_libusb_context *context, struct ws_libusb_device ***list);
    void (*free_device_list)(struct ws_libusb_device **list, int unreference);
    uint8_t (*get_bus_number)(struct ws_libusb_device *device);
    uint8_t (*get_device_address)(struct ws_libusb_device *device);
    int (*get_device_descriptor)(struct ws_libusb_device *device, struct ws_libusb_descriptor *descriptor);
    int (*get_max_packet_size)(struct ws_libusb_device *device, unsigned char endpoint);
    int (*open)(struct ws_libusb_device *device, struct ws_libusb_handle **handle);
    void (*close)(struct ws_libusb_handle *handle);
    int (*detach_kernel_driver)(struct ws_libusb_handle *handle, int interface_number);
    int (*attach_kernel_driver)(struct ws_libusb_handle *handle, int interface_number);
    int (*claim_interface)(struct ws_libusb_handle *handle, int interface_number);
    int (*release_interface)(struct ws_libusb_handle *handle, int interface_number);
    int (*clear_halt)(struct ws_libusb_handle *handle, unsigned char endpoint);
    int (*bulk_transfer)(struct ws_libusb_handle *handle, unsigned char endpoint, unsigned char *data,
        int length, int *transferred, unsigned int milliseconds);
};

/// Looks all functions up in a library from dlopen(3); false when one is missing.
static inline bool ws_libusb_find(void *library, struct ws_libusb *functions) {
#define WS_FIND(name) \
    ((functions->name = (__typeof__(functions->name))dlsym(library, "libusb_" #name)) != NULL)
    return WS_FIND(init) && WS_FIND(exit) && WS_FIND(get_device_list) && WS_FIND(free_device_list)
        && WS_FIND(get_bus_number) && WS_FIND(get_device_address) && WS_FIND(get_device_descriptor)
        && WS_FIND(get_max_packet_size) && WS_FIND(open) && WS_FIND(close)
        && WS_FIND(detach_kernel_driver) && WS_FIND(attach_kernel_driver)
        && WS_FIND(claim_interface) && WS_FIND(release_interface) && WS_FIND(clear_halt)
        && WS_FIND(bulk_transfer);
#undef WS_FIND
}

/// Results of libusb's calls (enum libusb_error).
enum {
    WS_LIBUSB_ERROR_IO = -1,
    WS_LIBUSB_ERROR_ACCESS = -3,
    WS_LIBUSB_ERROR_NO_DEVICE = -4,
    WS_LIBUSB_ERROR_NOT_FOUND = -5,
    WS_LIBUSB_ERROR_BUSY = -6,
    WS_LIBUSB_ERROR_TIMEOUT = -7,
    WS_LIBUSB_ERROR_OVERFLOW = -8,
    WS_LIBUSB_ERROR_PIPE = -9,
    WS_LIBUSB_ERROR_INTERRUPTED = -10,
    WS_LIBUSB_ERROR_NO_MEM = -11,
    WS_LIBUSB_ERROR_NOT_SUPPORTED = -12,
};
