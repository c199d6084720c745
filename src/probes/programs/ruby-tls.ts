/** The part of `programs/ruby.ts` that shakes hands by TLS and, after a stall, does so again with small segments. */
export const RUBY_TLS = String.raw`def find_tls
  require "openssl"
  file = ENV["SSL_CERT_FILE"] || OpenSSL::X509::DEFAULT_CERT_FILE
  folder = ENV["SSL_CERT_DIR"] || OpenSSL::X509::DEFAULT_CERT_DIR
  there = File.size?(file) || (File.directory?(folder) && Dir.entries(folder).any? { |name| !name.start_with?(".") })
  emit("limit", "-", "code=no_trust_store") unless there
rescue LoadError
  emit("limit", "-", "code=no_tls")
  emit("limit", "-", "code=no_http_tls") if TARGETS.any? { |target| target[3] == "1" && target[4] != "-" }
end

# What is written to and read from, before TLS and after it: each call ends by FINISH.
class Plain
  def initialize(sock)
    @sock = sock
  end

  def write(text, finish)
    until text.empty?
      size = @sock.write_nonblock(text, exception: false)
      size == :wait_writable ? wait_for(@sock, :write, finish) : text = text.byteslice(size..-1)
    end
  end

  def read(finish)
    wait_for(@sock, :read, finish)
    @sock.readpartial(65536)
  end
end

# OpenSSL gets one end of a socket pair; what passes there goes on by the connection, is counted, and how that ended is known.
class Secure
  attr_reader :got, :ssl

  def initialize(sock, host)
    @sock = Plain.new(sock)
    @got = 0
    near, @far = UNIXSocket.pair
    context = OpenSSL::SSL::SSLContext.new
    context.cert_store = OpenSSL::X509::Store.new
    context.cert_store.set_default_paths
    # The handshake goes on, so that one is enough to see who it is; the verdict is read after it.
    context.verify_mode = OpenSSL::SSL::VERIFY_NONE
    @ssl = OpenSSL::SSL::SSLSocket.new(near, context)
    @ssl.hostname = host unless literal?(host)
    raise Failure, "EAGAIN" unless background("-") { carry(sock) }.is_a?(Thread)
  end

  def carry(sock)
    long = now + DEADLINE
    while (ready = IO.select([sock, @far])[0])
      @sock.write(@far.readpartial(65536), long) if ready.include?(@far)
      next unless ready.include?(sock)
      data = @sock.read(long)
      @got += data.bytesize
      @far.write(data)
    end
  rescue StandardError => e
    @lost = code(e)
    @far.close
  end

  # Until the library's call gives something other than a wish to wait.
  def drive(finish)
    loop do
      result = yield
      return result unless %i[wait_readable wait_writable].include?(result)
      wait_for(@ssl.to_io, result == :wait_readable ? :read : :write, finish)
    end
  rescue OpenSSL::SSL::SSLError => e
    text = e.message.sub(/\A.*state=[^:]*(?:: )?/, "")
    raise Failure, @lost if @lost && (text.empty? || text =~ /unexpected eof/i)
    raise Failure, "tls\ttext=#{text}"
  rescue SystemCallError, EOFError
    raise @lost ? Failure.new(@lost) : $!
  end

  def connect(finish)
    drive(finish) { @ssl.connect_nonblock(exception: false) }
  end

  def write(text, finish)
    drive(finish) { @ssl.write_nonblock(text, exception: false) }
  end

  def read(finish)
    drive(finish) { @ssl.read_nonblock(16384, exception: false) } || raise(Failure, "closed")
  end
end

def verdict(ssl, host)
  number = ssl.verify_result
  number = 62 if number == 0 && !OpenSSL::SSL.verify_certificate_identity(ssl.peer_cert, host)
  return ["ok=1"] if number == 0
  name = OpenSSL::X509.constants.grep(/\AV_ERR_/).find { |one| OpenSSL::X509.const_get(one) == number }
  ["verify=#{number}", "text=#{name.to_s.sub('V_ERR_', '').downcase.tr('_', ' ')}"]
end

# Gives what is to be told about a handshake, and what speaks over it.
def handshake(sock, host)
  secure = Secure.new(sock, host)
  secure.connect(now + CONNECT)
  cert = secure.ssl.peer_cert.to_der[0, 6000].unpack("H*")[0]
  [verdict(secure.ssl, host) + ["version=#{secure.ssl.ssl_version}", "cert=#{cert}"], secure]
rescue StandardError => e
  ["err=#{code(e)}".split("\t") + ["got=#{secure ? secure.got : 0}"], nil]
end

def small_segments(host, port, address)
  handshake(connect_one(address, port, 536), host)[0]
rescue StandardError => e
  ["err=#{code(e)}"]
end

def check_tls(id, host, port, address, sock)
  return nil unless defined?(OpenSSL)
  start = now
  host = host.chomp(".")
  fields, secure = handshake(sock, host)
  emit("tls", id, "addr=#{address}", ms(start), fields)
  emit("segment", id, "addr=#{address}", "mss=536", small_segments(host, port, address)) if fields[0] == "err=timeout"
  fields[0] == "ok=1" ? secure : nil
end
`;
