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

# One question to one server: over UDP, sent again after a third of the time with TCP beside it (for the names of the search list UDP
# is enough), and over TCP where the answer was cut.
class Asking
  attr_reader :question, :ways, :settled

  def initialize(id, server, host, question)
    @id, @server, @question = id, server, question
    kind, @suffix = question
    @packet = query([host, @suffix].compact.join("."), kind == "A" ? 1 : 28)
    @fields = ["q=#{kind}", "server=#{server}"] + (@suffix ? ["suffix=#{@suffix}"] : [])
    @ways = {}
    @began = {}
    dial(:udp, :DGRAM)
  end

  def dial(via, type)
    return if @began[via]
    @began[via] = now
    raise Failure, "metadata" if metadata?(@server)
    @ways[via] = { sock: begin_connect(@server, 53, type), data: "".b, sending: via == :tcp }
    @ways[via][:sock].send(@packet, 0) if via == :udp
  rescue StandardError => e
    tell(via, "err=#{code(e)}")
  end

  def tell(via, result)
    way = @ways.delete(via)
    way[:sock].close if way
    emit("dns", @id, @fields, "via=#{via}", ms(@began[via]), result)
  end

  def repeat
    return unless @ways[:udp]
    @ways[:udp][:sock].send(@packet, 0)
    dial(:tcp, :STREAM) unless @suffix
  rescue SystemCallError => e
    tell(:udp, "err=#{code(e)}")
  end

  def step(ready)
    @ways.to_a.each { |via, way| hear(via, way) if @ways[via] && ready.include?(way[:sock]) }
  end

  def give_up
    @ways.keys.each { |via| tell(via, "err=timeout") }
  end

  def hear(via, way)
    return open_stream(way) if way[:sending]
    way[:data] << (via == :udp ? way[:sock].recv(65536) : way[:sock].readpartial(65536))
    via == :udp ? datagram(way) : stream(way)
  rescue StandardError => e
    tell(via, "err=#{code(e)}")
  end

  def open_stream(way)
    error = way[:sock].getsockopt(:SOCKET, :ERROR).int
    raise Failure, ERRNO.fetch(error, error.to_s) if error != 0
    way[:sending] = false
    way[:sock].write([@packet.size].pack("n") + @packet)
  end

  def datagram(way)
    reply = way[:data]
    way[:data] = "".b
    return if reply.size < 12 || reply[0, 2] != @packet[0, 2]
    answered(:udp, reply)
    return dial(:tcp, :STREAM) if reply.getbyte(2) & 2 != 0
    other = @ways.delete(:tcp)
    other[:sock].close if other
  end

  def stream(way)
    size = way[:data].size < 14 ? 65536 : way[:data].unpack("n")[0]
    return if way[:data].size < 2 + size
    answered(:tcp, way[:data][2, size])
    tell(:udp, "err=timeout") if @ways[:udp]
  end

  # NOERROR or NXDOMAIN: no other server is asked, as in the C library.
  def answered(via, reply)
    @settled = [0, 3].include?(reply.getbyte(3) & 15)
    tell(via, "hex=" + reply[0, 4096].unpack("H*")[0])
  end
end

# Ends by FINISH, which may come nearer.
def wait_for_answers(asked, finish)
  again = now + (finish.call - now) / 3
  until (waiting = asked.reject { |asking| asking.ways.empty? }).empty?
    if again && now >= again
      again = nil
      waiting.each(&:repeat)
    end
    writing, reading = waiting.flat_map { |asking| asking.ways.values }.partition { |way| way[:sending] }
    left = [again || finish.call, finish.call, now + 0.25].min - now
    ready = IO.select(reading.map { |way| way[:sock] }, writing.map { |way| way[:sock] }, nil, [left, 0].max)
    waiting.each { |asking| asking.step(ready[0] + ready[1]) } if ready
    waiting.each(&:give_up) if now >= finish.call
  end
end

# Server after server until one answers, no longer than the connections take that go on meanwhile.
def ask_servers(id, host, resolver, answered)
  start = now
  finish = -> { [start + LOOKUP * 0.95, (answered[0] || start + LOOKUP) + CONNECT].min }
  left = questions(host, resolver)
  servers = resolver[:servers].first(3)
  servers.each_with_index do |server, i|
    began = now
    asked = left.map { |question| Asking.new(id, server, host, question) }
    wait_for_answers(asked, -> { began + (finish.call - began) / (servers.size - i) })
    left = asked.reject(&:settled).map(&:question)
    break if left.empty?
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
  answered = []
  app = background(id) do
    Thread.current[:found] = ask_library(id, host, port, "app")
    answered << now
  end
  asking = [app, background(id) do
    app.join
    ask_library(id, host + ".", port, "absolute") if (app[:found] || []).empty? && !host.end_with?(".")
  end]
  asking << background(id) { ask_servers(id, host, resolver, answered) }
  work << background(id) do
    asking.each { |thread| thread.join([start + LOOKUP - now, 0].max) }
    emit("library", id, "form=app", ms(start), "err=timeout") if app.alive?
    # Nothing is said of a library that could not even be asked.
    emit("looked", id, ms(start)) if app.alive? || app[:found]
  end
  app.join(LOOKUP)
  app[:found] || []
end
`;
