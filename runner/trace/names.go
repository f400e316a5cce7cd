package trace

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// name is one constant of the C headers. In a list of flags, a value of several
// bits comes before its parts.
type name struct {
	value int64
	name  string
}

// nameKind shows an integer by name.
type nameKind struct {
	word  string
	names []name
	flags bool   // a set of bits, not one value
	zero  string // flags: how 0 is shown, "0" by default
	base  int64  // flags: bits of this mask are one value, listed first (SOCK_STREAM|SOCK_NONBLOCK)
	with  func(n int64, c *call) string
}

func (k nameKind) show(n int64, c *call) string {
	switch {
	case k.with != nil:
		return k.with(n, c)
	case k.flags:
		return flagText(n, k.names, k.base, k.zero)
	}
	return oneOf(n, k.names)
}

func oneOf(n int64, names []name) string {
	for _, x := range names {
		if x.value == n {
			return x.name
		}
	}
	return strconv.FormatInt(n, 10)
}

func flagText(n int64, names []name, base int64, zero string) string {
	var parts []string
	if base != 0 {
		parts = append(parts, oneOf(n&base, names))
		n &^= base
	}
	for _, x := range names {
		if x.value != 0 && x.value&base == 0 && n&x.value == x.value {
			parts = append(parts, x.name)
			n &^= x.value
		}
	}
	if n != 0 {
		parts = append(parts, fmt.Sprintf("0x%x", n))
	}
	if len(parts) == 0 {
		if zero == "" {
			zero = "0"
		}
		return zero
	}
	return strings.Join(parts, "|")
}

var nameKinds = []nameKind{
	{word: "af", names: addressFamilies},
	{word: "socktype", names: sockTypes, flags: true, base: 0xf},
	{word: "sockflags", names: sockTypes[len(sockTypes)-2:], flags: true},
	{word: "proto", with: protocol},
	{word: "msgflags", names: msgFlags, flags: true},
	{word: "openflags", names: openFlags, flags: true, base: unix.O_ACCMODE},
	{word: "pipeflags", names: openFlags[3:], flags: true},
	{word: "mode", with: func(n int64, _ *call) string { return fmt.Sprintf("%#o", n) }},
	{word: "level", names: levels},
	{word: "sockopt", with: socketOption},
	{word: "how", names: []name{{unix.SHUT_RD, "SHUT_RD"}, {unix.SHUT_WR, "SHUT_WR"}, {unix.SHUT_RDWR, "SHUT_RDWR"}}},
	{word: "fcntlcmd", names: fcntlCommands},
	{word: "fcntlarg", with: fcntlArg},
	{
		word: "epollop",
		names: []name{
			{unix.EPOLL_CTL_ADD, "EPOLL_CTL_ADD"},
			{unix.EPOLL_CTL_MOD, "EPOLL_CTL_MOD"},
			{unix.EPOLL_CTL_DEL, "EPOLL_CTL_DEL"},
		},
	},
	{word: "epollflags", names: []name{{unix.EPOLL_CLOEXEC, "EPOLL_CLOEXEC"}}, flags: true},
	{
		word: "eventfdflags",
		names: []name{
			{unix.EFD_CLOEXEC, "EFD_CLOEXEC"},
			{unix.EFD_NONBLOCK, "EFD_NONBLOCK"},
			{unix.EFD_SEMAPHORE, "EFD_SEMAPHORE"},
		},
		flags: true,
	},
	{word: "clock", names: clocks},
	{word: "dirfd", with: func(n int64, _ *call) string {
		if n == unix.AT_FDCWD {
			return "AT_FDCWD"
		}
		return strconv.FormatInt(n, 10)
	}},
}

var addressFamilies = []name{
	{unix.AF_UNSPEC, "AF_UNSPEC"}, {unix.AF_UNIX, "AF_UNIX"}, {unix.AF_INET, "AF_INET"}, {unix.AF_INET6, "AF_INET6"},
	{unix.AF_NETLINK, "AF_NETLINK"}, {unix.AF_PACKET, "AF_PACKET"}, {unix.AF_VSOCK, "AF_VSOCK"},
}

var sockTypes = []name{
	{unix.SOCK_STREAM, "SOCK_STREAM"}, {unix.SOCK_DGRAM, "SOCK_DGRAM"}, {unix.SOCK_RAW, "SOCK_RAW"},
	{unix.SOCK_SEQPACKET, "SOCK_SEQPACKET"},
	{unix.SOCK_NONBLOCK, "SOCK_NONBLOCK"}, {unix.SOCK_CLOEXEC, "SOCK_CLOEXEC"},
}

func protocol(n int64, c *call) string {
	if f := c.in[0].n; n == 0 || (f != unix.AF_INET && f != unix.AF_INET6) {
		return strconv.FormatInt(n, 10)
	}
	return oneOf(n, []name{{unix.IPPROTO_TCP, "IPPROTO_TCP"}, {unix.IPPROTO_UDP, "IPPROTO_UDP"},
		{unix.IPPROTO_ICMP, "IPPROTO_ICMP"}, {unix.IPPROTO_MPTCP, "IPPROTO_MPTCP"}})
}

var msgFlags = []name{
	{unix.MSG_OOB, "MSG_OOB"}, {unix.MSG_PEEK, "MSG_PEEK"}, {unix.MSG_DONTROUTE, "MSG_DONTROUTE"},
	{unix.MSG_TRUNC, "MSG_TRUNC"}, {unix.MSG_DONTWAIT, "MSG_DONTWAIT"}, {unix.MSG_EOR, "MSG_EOR"},
	{unix.MSG_WAITALL, "MSG_WAITALL"}, {unix.MSG_ERRQUEUE, "MSG_ERRQUEUE"}, {unix.MSG_NOSIGNAL, "MSG_NOSIGNAL"},
	{unix.MSG_MORE, "MSG_MORE"}, {unix.MSG_WAITFORONE, "MSG_WAITFORONE"}, {unix.MSG_ZEROCOPY, "MSG_ZEROCOPY"},
	{unix.MSG_FASTOPEN, "MSG_FASTOPEN"}, {unix.MSG_CMSG_CLOEXEC, "MSG_CMSG_CLOEXEC"},
}

// O_LARGEFILE is left out: x/sys adds it, and on 64-bit Linux it means nothing.
var openFlags = []name{
	{unix.O_RDONLY, "O_RDONLY"}, {unix.O_WRONLY, "O_WRONLY"}, {unix.O_RDWR, "O_RDWR"},
	{unix.O_TMPFILE, "O_TMPFILE"}, {unix.O_SYNC, "O_SYNC"}, {unix.O_CREAT, "O_CREAT"}, {unix.O_EXCL, "O_EXCL"},
	{unix.O_NOCTTY, "O_NOCTTY"}, {unix.O_TRUNC, "O_TRUNC"}, {unix.O_APPEND, "O_APPEND"},
	{unix.O_NONBLOCK, "O_NONBLOCK"}, {unix.O_DSYNC, "O_DSYNC"}, {unix.O_ASYNC, "O_ASYNC"}, {unix.O_DIRECT, "O_DIRECT"},
	{unix.O_DIRECTORY, "O_DIRECTORY"}, {unix.O_NOFOLLOW, "O_NOFOLLOW"}, {unix.O_NOATIME, "O_NOATIME"},
	{unix.O_CLOEXEC, "O_CLOEXEC"}, {unix.O_PATH, "O_PATH"},
}

var levels = []name{
	{unix.SOL_SOCKET, "SOL_SOCKET"}, {unix.SOL_TCP, "SOL_TCP"}, {unix.SOL_IP, "SOL_IP"},
	{unix.SOL_IPV6, "SOL_IPV6"}, {unix.SOL_UDP, "SOL_UDP"},
}

var socketOptions = []name{
	{unix.SO_DEBUG, "SO_DEBUG"}, {unix.SO_REUSEADDR, "SO_REUSEADDR"}, {unix.SO_TYPE, "SO_TYPE"},
	{unix.SO_ERROR, "SO_ERROR"}, {unix.SO_DONTROUTE, "SO_DONTROUTE"}, {unix.SO_BROADCAST, "SO_BROADCAST"},
	{unix.SO_SNDBUF, "SO_SNDBUF"}, {unix.SO_RCVBUF, "SO_RCVBUF"}, {unix.SO_KEEPALIVE, "SO_KEEPALIVE"},
	{unix.SO_OOBINLINE, "SO_OOBINLINE"}, {unix.SO_PRIORITY, "SO_PRIORITY"}, {unix.SO_LINGER, "SO_LINGER"},
	{unix.SO_REUSEPORT, "SO_REUSEPORT"}, {unix.SO_PASSCRED, "SO_PASSCRED"}, {unix.SO_PEERCRED, "SO_PEERCRED"},
	{unix.SO_RCVLOWAT, "SO_RCVLOWAT"}, {unix.SO_SNDLOWAT, "SO_SNDLOWAT"}, {unix.SO_RCVTIMEO, "SO_RCVTIMEO"},
	{unix.SO_SNDTIMEO, "SO_SNDTIMEO"}, {unix.SO_TIMESTAMP, "SO_TIMESTAMP"}, {unix.SO_TIMESTAMPNS, "SO_TIMESTAMPNS"},
	{unix.SO_TIMESTAMPING, "SO_TIMESTAMPING"}, {unix.SO_ACCEPTCONN, "SO_ACCEPTCONN"}, {unix.SO_PROTOCOL, "SO_PROTOCOL"},
	{unix.SO_DOMAIN, "SO_DOMAIN"}, {unix.SO_BUSY_POLL, "SO_BUSY_POLL"}, {unix.SO_INCOMING_CPU, "SO_INCOMING_CPU"},
	{unix.SO_COOKIE, "SO_COOKIE"}, {unix.SO_ZEROCOPY, "SO_ZEROCOPY"}, {unix.SO_RCVBUFFORCE, "SO_RCVBUFFORCE"},
	{unix.SO_SNDBUFFORCE, "SO_SNDBUFFORCE"},
}

var tcpOptions = []name{
	{unix.TCP_NODELAY, "TCP_NODELAY"}, {unix.TCP_MAXSEG, "TCP_MAXSEG"}, {unix.TCP_CORK, "TCP_CORK"},
	{unix.TCP_KEEPIDLE, "TCP_KEEPIDLE"}, {unix.TCP_KEEPINTVL, "TCP_KEEPINTVL"}, {unix.TCP_KEEPCNT, "TCP_KEEPCNT"},
	{unix.TCP_SYNCNT, "TCP_SYNCNT"}, {unix.TCP_LINGER2, "TCP_LINGER2"}, {unix.TCP_DEFER_ACCEPT, "TCP_DEFER_ACCEPT"},
	{unix.TCP_WINDOW_CLAMP, "TCP_WINDOW_CLAMP"}, {unix.TCP_INFO, "TCP_INFO"}, {unix.TCP_QUICKACK, "TCP_QUICKACK"},
	{unix.TCP_CONGESTION, "TCP_CONGESTION"}, {unix.TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT"},
	{unix.TCP_FASTOPEN, "TCP_FASTOPEN"}, {unix.TCP_NOTSENT_LOWAT, "TCP_NOTSENT_LOWAT"},
	{unix.TCP_FASTOPEN_CONNECT, "TCP_FASTOPEN_CONNECT"}, {unix.TCP_ULP, "TCP_ULP"}, {unix.TCP_REPAIR, "TCP_REPAIR"},
}

var ipOptions = []name{
	{unix.IP_TOS, "IP_TOS"}, {unix.IP_TTL, "IP_TTL"}, {unix.IP_RECVERR, "IP_RECVERR"}, {unix.IP_PKTINFO, "IP_PKTINFO"},
	{unix.IP_MTU, "IP_MTU"}, {unix.IP_MTU_DISCOVER, "IP_MTU_DISCOVER"}, {unix.IP_FREEBIND, "IP_FREEBIND"},
	{unix.IP_TRANSPARENT, "IP_TRANSPARENT"}, {unix.IP_ADD_MEMBERSHIP, "IP_ADD_MEMBERSHIP"},
}

var ip6Options = []name{
	{
		unix.IPV6_V6ONLY,
		"IPV6_V6ONLY",
	}, {unix.IPV6_UNICAST_HOPS, "IPV6_UNICAST_HOPS"}, {unix.IPV6_RECVPKTINFO, "IPV6_RECVPKTINFO"},
}

// socketOption names an option by the level before it.
func socketOption(n int64, c *call) string {
	switch c.in[1].n {
	case unix.SOL_SOCKET:
		return oneOf(n, socketOptions)
	case unix.SOL_TCP:
		return oneOf(n, tcpOptions)
	case unix.SOL_IP:
		return oneOf(n, ipOptions)
	case unix.SOL_IPV6:
		return oneOf(n, ip6Options)
	}
	return strconv.FormatInt(n, 10)
}

// optionValue shows what getsockopt(fd, level, option) stored.
func optionValue(c *call, n int64) string {
	if c.in[1].n == unix.SOL_SOCKET {
		switch c.in[2].n {
		case unix.SO_ERROR:
			if n != 0 {
				return errnoName(unix.Errno(n))
			}
		case unix.SO_TYPE:
			return oneOf(n, sockTypes)
		case unix.SO_DOMAIN:
			return oneOf(n, addressFamilies)
		}
	}
	return strconv.FormatInt(n, 10)
}

var fcntlCommands = []name{
	{unix.F_DUPFD, "F_DUPFD"}, {unix.F_GETFD, "F_GETFD"}, {unix.F_SETFD, "F_SETFD"}, {unix.F_GETFL, "F_GETFL"},
	{unix.F_SETFL, "F_SETFL"}, {unix.F_GETLK, "F_GETLK"}, {unix.F_SETLK, "F_SETLK"}, {unix.F_SETLKW, "F_SETLKW"},
	{unix.F_SETOWN, "F_SETOWN"}, {unix.F_GETOWN, "F_GETOWN"}, {unix.F_SETSIG, "F_SETSIG"}, {unix.F_GETSIG, "F_GETSIG"},
	{unix.F_SETOWN_EX, "F_SETOWN_EX"}, {unix.F_GETOWN_EX, "F_GETOWN_EX"}, {unix.F_DUPFD_CLOEXEC, "F_DUPFD_CLOEXEC"},
	{unix.F_SETPIPE_SZ, "F_SETPIPE_SZ"}, {unix.F_GETPIPE_SZ, "F_GETPIPE_SZ"}, {unix.F_ADD_SEALS, "F_ADD_SEALS"},
}

var descriptorFlags = []name{{unix.FD_CLOEXEC, "FD_CLOEXEC"}}

// O_LARGEFILE, which the kernel sets and F_GETFL shows, means nothing on 64-bit.
// fcntlArg shows the third argument of fcntl, which depends on the command.
func fcntlArg(n int64, c *call) string {
	switch c.in[1].n {
	case unix.F_SETFL:
		return flagText(n, openFlags, unix.O_ACCMODE, "")
	case unix.F_SETFD:
		return flagText(n, descriptorFlags, 0, "")
	case unix.F_SETSIG:
		if s := unix.SignalName(unix.Signal(n)); s != "" {
			return s
		}
	}
	return strconv.FormatInt(n, 10)
}

var clocks = []name{
	{unix.CLOCK_REALTIME, "CLOCK_REALTIME"}, {unix.CLOCK_MONOTONIC, "CLOCK_MONOTONIC"},
	{
		unix.CLOCK_PROCESS_CPUTIME_ID,
		"CLOCK_PROCESS_CPUTIME_ID",
	}, {unix.CLOCK_THREAD_CPUTIME_ID, "CLOCK_THREAD_CPUTIME_ID"},
	{unix.CLOCK_BOOTTIME, "CLOCK_BOOTTIME"},
}

func pollMask(n int16) string {
	return flagText(int64(uint16(n)), pollEvents, 0, "")
}

var pollEvents = []name{
	{unix.POLLIN, "POLLIN"}, {unix.POLLPRI, "POLLPRI"}, {unix.POLLOUT, "POLLOUT"}, {unix.POLLERR, "POLLERR"},
	{unix.POLLHUP, "POLLHUP"}, {unix.POLLNVAL, "POLLNVAL"}, {0x40, "POLLRDNORM"}, {0x80, "POLLRDBAND"},
	{0x100, "POLLWRNORM"}, {0x200, "POLLWRBAND"}, {unix.POLLRDHUP, "POLLRDHUP"},
}

func epollMask(n uint32) string {
	return flagText(int64(n), epollBits, 0, "")
}

var epollBits = []name{
	{unix.EPOLLIN, "EPOLLIN"}, {unix.EPOLLPRI, "EPOLLPRI"}, {unix.EPOLLOUT, "EPOLLOUT"}, {unix.EPOLLERR, "EPOLLERR"},
	{unix.EPOLLHUP, "EPOLLHUP"}, {unix.EPOLLRDNORM, "EPOLLRDNORM"}, {unix.EPOLLRDBAND, "EPOLLRDBAND"},
	{unix.EPOLLWRNORM, "EPOLLWRNORM"}, {unix.EPOLLWRBAND, "EPOLLWRBAND"}, {unix.EPOLLRDHUP, "EPOLLRDHUP"},
	{unix.EPOLLEXCLUSIVE, "EPOLLEXCLUSIVE"}, {unix.EPOLLWAKEUP, "EPOLLWAKEUP"}, {unix.EPOLLONESHOT, "EPOLLONESHOT"},
	{unix.EPOLLET & 0xffffffff, "EPOLLET"},
}
