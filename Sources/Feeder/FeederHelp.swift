// The help text of wellspring-feeder.
// SPDX-License-Identifier: Apache-2.0

package let feederHelp = """
    wellspring-feeder feeds blocks of entropy to the Linux kernel, with exactly the credit
    they were assessed at. It needs CAP_SYS_ADMIN in the initial user namespace, keeps only
    that, and touches no network.

    Usage: wellspring-feeder [options]

      --from PATH       EGD socket to take blocks from (default \(FeederOptions.standardSocketPath)),
                        or a character device with an EGD server at its other end, such as
                        the serial line of a guest without a network: /dev/ttyS1
      --from cpu        this processor's own noise sources, in this process: for small or old
                        boards without the daemon
      --once            feed until the kernel is seeded, then end; without --from, from the cpu.
                        For boot and initramfs
      --interval SEC    time between feeds, 1...86400 (default 60; 5 at most in the first two
                        minutes; +-10 %). Kernels before 5.18 are also refilled whenever their
                        pool falls below /proc/sys/kernel/random/write_wakeup_threshold
      --block BYTES     bytes per feed, 32...512 (default 64)
      --credit RULE     assessed: what the source was assessed at (default; 8 bits per byte from
                        an EGD socket); none: mix only; or your own figure in bits per byte,
                        above 0 up to 8
      --keep-alive      restart the feeding process when it crashes, after 1 s and up to a minute
      --report-fd N     one line of key=value pairs per event on descriptor N; the feeder ends
                        when nobody reads it any more
      --user NAME       run as this user of /etc/passwd, or as UID:GID
      --verbose         say on standard error what is done
      --version, --help

    Signals: HUP and USR1 feed now, TERM and INT stop.
    Under a service manager (NOTIFY_SOCKET) it is ready after the first successful feed; with
    --keep-alive the unit needs NotifyAccess=all.

    Exit status:
      0   stopped by a signal; with --once: the kernel accepted credited entropy and is seeded
      1   failure, told on standard error
      2   the cpu noise sources are unhealthy or carry no assessed entropy
      64  bad option
      69  no /dev/random, or with --once no entropy source at the socket
      77  not permitted to feed; programs can still be served by wellspring itself

    """
