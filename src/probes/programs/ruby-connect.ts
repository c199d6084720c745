/** The part of `programs/ruby.ts` that connects to several addresses side by side, never to a metadata address. */
import { METADATA_V4, METADATA_V6 } from './metadata-addresses.ts';

export const RUBY_CONNECT = String.raw`# The bytes of an address; of IPv6 ones that hold an IPv4 address (mapped, NAT64) the last four are compared as well.
def bytes_of(address)
  place = Addrinfo.getaddrinfo(address, 80, nil, :STREAM, nil, Socket::AI_NUMERICHOST)[0]
  place.ipv4? ? place.to_sockaddr[4, 4] : place.to_sockaddr[8, 16]
end

METADATA = "${METADATA_V4} ${METADATA_V6}".split.map { |address| bytes_of(address) }

def metadata?(address)
  bytes = bytes_of(address)
  METADATA.any? { |forbidden| bytes == forbidden || (forbidden.size == 4 && bytes[-4, 4] == forbidden) }
end

def connect_one(address, port, mss)
  raise Failure, "metadata" if metadata?(address)
  sock = begin_connect(address, port, :STREAM, mss)
  raise Failure, "ETIMEDOUT" unless IO.select(nil, [sock], nil, CONNECT)
  error = sock.getsockopt(:SOCKET, :ERROR).int
  raise Failure, ERRNO.fetch(error, error.to_s) if error != 0
  sock
rescue StandardError
  sock.close if sock
  raise
end

# Ends when every address has its outcome; the block gets each connection as it comes. Gives the last error.
def connect_all(addresses, port, id: nil)
  last = nil
  mutex = Mutex.new
  addresses.map { |address|
    emit("trying", id, "addr=#{address}") if id
    background(id || "-") do
      start = now
      sock = nil
      begin
        sock = connect_one(address, port, nil)
        emit("connect", id, "addr=#{address}", ms(start), "ok=1") if id
      rescue StandardError => e
        last = code(e)
        emit("connect", id, "addr=#{address}", ms(start), "err=#{last}") if id
      end
      mutex.synchronize { yield address, sock } if sock
    end
  }.each(&:join)
  last
end
`;
