// The ioctl numbers of USB device nodes (linux/usbdevice_fs.h), which are macros that Swift cannot import.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <linux/usbdevice_fs.h>

/// struct usbdevfs_ctrltransfer *: a transfer on endpoint 0; the result is the number of bytes.
static const unsigned long WS_USBDEVFS_CONTROL = USBDEVFS_CONTROL;
/// unsigned int *, the number of an interface.
static const unsigned long WS_USBDEVFS_CLAIMINTERFACE = USBDEVFS_CLAIMINTERFACE;
static const unsigned long WS_USBDEVFS_RELEASEINTERFACE = USBDEVFS_RELEASEINTERFACE;
/// struct usbdevfs_ioctl *: one of the next two for the kernel's driver of an interface.
static const unsigned long WS_USBDEVFS_IOCTL = USBDEVFS_IOCTL;
static const unsigned long WS_USBDEVFS_DISCONNECT = USBDEVFS_DISCONNECT;
static const unsigned long WS_USBDEVFS_CONNECT = USBDEVFS_CONNECT;
/// No argument.
static const unsigned long WS_USBDEVFS_RESET = USBDEVFS_RESET;
/// unsigned int *, the address of an endpoint.
static const unsigned long WS_USBDEVFS_CLEAR_HALT = USBDEVFS_CLEAR_HALT;
