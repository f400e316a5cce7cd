package program

import (
	"slices"
	"strings"
)

// The packages that are not part of the standard library.
const (
	unixPath = "golang.org/x/sys/unix"
	labPath  = "ioworkbook/runner/lab"
)

// Packages returns the import paths a cell may use. The list is closed because
// each of them has to be at hand twice: as export data for the type checker and
// as a symbol table for the interpreter.
func Packages() []string { return slices.Clone(packages) }

// packagesNamed returns those whose path ends in name.
func packagesNamed(name string) []string {
	var paths []string
	for _, p := range packages {
		if p[strings.LastIndex(p, "/")+1:] == name {
			paths = append(paths, p)
		}
	}
	return paths
}

var packages = strings.Fields(`
		bufio bytes cmp context errors expvar flag fmt html io io/fs iter log
		log/slog maps os path path/filepath reflect regexp slices sort strconv
		strings sync sync/atomic syscall testing time unicode unicode/utf16
		unicode/utf8 unique unsafe weak

		archive/tar archive/zip compress/flate compress/gzip compress/zlib
		container/heap container/list container/ring

		crypto crypto/aes crypto/cipher crypto/ecdh crypto/ecdsa crypto/ed25519
		crypto/elliptic crypto/hmac crypto/md5 crypto/rand crypto/rsa
		crypto/sha1 crypto/sha256 crypto/sha512 crypto/subtle crypto/tls
		crypto/x509 crypto/x509/pkix

		encoding encoding/ascii85 encoding/asn1 encoding/base32 encoding/base64
		encoding/binary encoding/csv encoding/gob encoding/hex encoding/json
		encoding/pem encoding/xml

		hash hash/adler32 hash/crc32 hash/crc64 hash/fnv hash/maphash

		math math/big math/bits math/cmplx math/rand math/rand/v2

		mime mime/multipart mime/quotedprintable
		net net/http net/http/cookiejar net/http/httptest net/http/httptrace
		net/http/httputil net/mail net/netip net/rpc net/rpc/jsonrpc net/smtp
		net/textproto net/url

		os/exec os/signal os/user
		runtime runtime/debug runtime/metrics runtime/pprof runtime/trace
		testing/fstest testing/iotest text/scanner text/tabwriter text/template
	` + unixPath + ` ` + labPath)
