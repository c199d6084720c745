/** The part of `programs/ruby.ts` that looks names up: through the C library as the application does, and by raw questions to the pod's name servers. */
export const RUBY_LOOKUP = String.raw`# Before ruby 3.3 only the text tells which error it was; glibc's and musl's.
EAI_TEXTS = {
  /name or service not known|name does not resolve/i => "EAI_NONAME",
  /temporary failure in name resolution|try again/i => "EAI_AGAIN",
  /no address associated|no usable address/i => "EAI_NODATA",
  /non-recoverable/i => "EAI_FAIL"
}
EAI = Socket.constants.grep(/\AEAI_/).map { |name| [Socket.const_get(name), name.to_s] }.to_h

def eai_name(error)
  return EAI.fetch(error.error_code, error.error_code.to_s) if error.respond_to?(:error_code)
  (EAI_TEXTS.find { |pattern, _| error.message =~ pattern } || [nil, error.class.name])[1]
end

# Up to two addresses of each family first: those are the ones that are tried.
def in_order(addresses)
  six, four = addresses.uniq.partition { |address| address.include?(":") }
  four.first(2) + six.first(2) + four.drop(2) + six.drop(2)
end

def resolve(host, port)
  in_order(Addrinfo.getaddrinfo(host, port, nil, :STREAM).map { |found| found.getnameinfo(Socket::NI_NUMERICHOST | Socket::NI_NUMERICSERV)[0] })
end

def ask_library(id, host, port, form)
  start = now
  found = resolve(host, port)
  emit("library", id, "form=#{form}", ms(start), found.first(16).map { |address| "addr=#{address}" })
  found
rescue SocketError => e
  emit("library", id, "form=#{form}", ms(start), "err=#{eai_name(e)}", "text=#{e.message.sub('getaddrinfo: ', '')}")
  []
end

def query(name, type)
  labels = name.split(".").reject(&:empty?).map { |label| [label.size, label].pack("Ca*") }.join
  [rand(65536), 0x0100, 1, 0, 0, 0].pack("n6") + labels + [0, type, 1].pack("Cnn")
end

# Opens a socket that does not block and begins to connect it.
def begin_connect(address, port, type, mss = nil)
  place = Addrinfo.getaddrinfo(address, port, nil, type, nil, Socket::AI_NUMERICHOST)[0]
  sock = Socket.new(place.afamily, type)
  sock.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_MAXSEG, mss) if mss
  sock.connect_nonblock(place.to_sockaddr, exception: false)
  sock
rescue SystemCallError
  sock.close if sock
  raise
end

# One server, one question over UDP, sent again half-way.
def ask_udp(server, packet, finish)
  sock = begin_connect(server, 53, :DGRAM)
  [(now + finish) / 2, finish].each do |till|
    sock.send(packet, 0)
    while IO.select([sock], nil, nil, [till - now, 0].max)
      reply = sock.recv(4096)
      return reply if reply.size > 11 && reply[0, 2] == packet[0, 2]
    end
  end
  raise Failure, "timeout"
ensure
  sock.close if sock
end

def ask_tcp(server, packet, finish)
  sock = begin_connect(server, 53, :STREAM)
  wait_for(sock, :write, finish)
  sock.write([packet.size].pack("n") + packet)
  data = "".b
  until data.size > 1 && data.size >= 2 + data.unpack("n")[0]
    wait_for(sock, :read, finish)
    data << sock.readpartial(65536)
  end
  data[2, data.unpack("n")[0]]
ensure
  sock.close if sock
end

# Tells what came of it; gives the reply, or nothing.
def told(id, fields)
  start = now
  reply = yield
  emit("dns", id, fields, ms(start), "hex=" + reply[0, 4096].unpack("H*")[0])
  reply
rescue StandardError => e
  emit("dns", id, fields, ms(start), "err=#{code(e)}")
  nil
end

# One question: each server in turn until one answers, over UDP and, where that is silent or truncated, over TCP.
def ask_servers(id, host, servers, kind, suffix = nil)
  finish = now + LOOKUP * 0.95
  servers.each_with_index do |server, i|
    till = now + (finish - now) / (servers.size - i)
    packet = query([host, suffix].compact.join("."), kind == "A" ? 1 : 28)
    fields = ["q=#{kind}", "server=#{server}"] + (suffix ? ["suffix=#{suffix}"] : [])
    began = now
    reply = told(id, fields + ["via=udp"]) { ask_udp(server, packet, began + (till - began) * 0.6) }
    return if reply && reply.getbyte(2) & 2 == 0
    # A closed port is no silence.
    next if !reply && now - began < (till - began) * 0.5
    return if told(id, fields + ["via=tcp"]) { ask_tcp(server, packet, till) } || reply
  end
end

def questions(host, resolver)
  all = [["A"], ["AAAA"]]
  return all if host.count(".") >= resolver[:ndots] || host.end_with?(".")
  all + resolver[:search].first(6).map { |suffix| ["A", suffix] }
end

# Gives what the application gets as soon as it has it. Where that is nothing, the absolute name is the control (reported, never
# connected to).
def lookup(id, host, port, resolver, work)
  start = now
  app = background(id) { Thread.current[:found] = ask_library(id, host, port, "app") }
  asking = [app, background(id) do
    app.join
    ask_library(id, host + ".", port, "absolute") if (app[:found] || []).empty?
  end]
  questions(host, resolver).each do |kind, suffix|
    asking << background(id) { ask_servers(id, host, resolver[:servers].first(3), kind, suffix) }
  end
  work << background(id) do
    asking.each { |thread| thread.join([start + LOOKUP - now, 0].max) }
    emit("library", id, "form=app", ms(start), "err=timeout") if app.alive?
    emit("looked", id, ms(start))
  end
  app.join(LOOKUP)
  app[:found] || []
end
`;
