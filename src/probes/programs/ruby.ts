/**
 * The probe program for containers that have ruby (2.3 or newer); sent by `probes/exec-runner.ts`, its records are read by
 * `probes/collector.ts`. A constant: every value comes in as an argument.
 *
 * A thread for each step: MRI lets the others run while one waits in getaddrinfo. `exit!` ends all, whatever hangs.
 */

import { RUBY_CONNECT } from './ruby-connect.ts';
import { RUBY_HTTP } from './ruby-http.ts';
import { RUBY_LOOKUP } from './ruby-lookup.ts';
import { RUBY_TLS } from './ruby-tls.ts';
import { END_OF_PROGRAM, type Rung } from './rung.ts';

/** Without gems and RUBYOPT: the application's own start-up code is not to run here. */
const FLAGS: readonly string[] = ['--disable=gems,rubyopt', '-W0'];

/** A program that was cut before its end is not run. */
const LOADER = String.raw`text = String.new
while (line = STDIN.gets) && line != "${END_OF_PROGRAM}\n"
  text << line
end
exit!(5) unless line
eval(text, TOPLEVEL_BINDING, "k8s-egress-probe")
`;

const PROGRAM = String.raw`require "socket"
Thread.report_on_exception = false if Thread.respond_to?(:report_on_exception=)
NONCE = ARGV[0]
CONNECT, LOOKUP, DEADLINE = ARGV[1, 3].map { |value| value.to_i / 1000.0 }
TARGETS = ARGV[4..-1].each_slice(5).select { |values| values.size == 5 }
MAX_ADDRESSES = 4
LOCK = Mutex.new
ERRNO = {}
Errno.constants.sort.reverse.each { |name| number = Errno.const_get(name)::Errno; ERRNO[number] = name.to_s if name != :NOERROR }

def now
  Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

def ms(start)
  "ms=#{((now - start) * 1000).round}"
end

# As the contract has it: an errno name, or what this program itself raises.
class Failure < StandardError; end

def code(error)
  return error.message if error.is_a?(Failure)
  return ERRNO.fetch(error.errno, error.errno.to_s) if error.is_a?(SystemCallError)
  error.is_a?(EOFError) ? "closed" : error.class.name
end

def clean(field)
  text = field.to_s.b.gsub(/[^ -~]/n, " ")
  return text if text.start_with?("cert=", "hex=")
  text[0, text.start_with?("location=") ? 8192 : 300]
end

def emit(kind, id, *fields)
  line = [NONCE, kind, id, *fields.flatten.map { |field| clean(field) }].join("\t") + "\n"
  LOCK.synchronize do
    line = line.byteslice(STDOUT.syswrite(line)..-1) until line.empty?
  end
rescue SystemCallError, IOError
  exit!(5)
end

# What stands for a thread where the container may have no more of them.
class NoThread
  def join(*)
  end

  def alive?
    false
  end

  def [](_key)
    nil
  end
end

def trouble(id, error)
  emit("trouble", id, "text=#{error.class.name} #{error.message}")
end

def background(id)
  Thread.new do
    begin
      yield
    rescue StandardError => e
      trouble(id, e)
    end
  end
rescue ThreadError => e
  trouble(id, e)
  NoThread.new
end

# Waits until the socket is ready, or fails when FINISH has come. A peer that never ends is cut off; the half second is for a container
# that gets little time.
def wait_for(sock, direction, finish)
  raise Failure, "timeout" if now > finish + 0.5
  left = [finish - now, 0].max
  ready = direction == :read ? IO.select([sock], nil, nil, left) : IO.select(nil, [sock], nil, left)
  raise Failure, "timeout" unless ready
end

def literal?(host)
  return true if host.include?(":")
  host =~ /\A\d{1,3}(?:\.\d{1,3}){3}\z/ && host.split(".").all? { |part| part.to_i < 256 }
end

def lines_of(path)
  File.binread(path).lines.to_a
rescue SystemCallError
  nil
end

def libc_name
  maps = (lines_of("/proc/self/maps") || []).join
  return ["libc=musl"] if maps =~ /ld-musl|libc\.musl/
  maps =~ %r{/libc[.-][^/\n]*so} ? ["libc=glibc"] : []
end

def read_resolver
  found = { servers: [], search: [], ndots: 1, options: [] }
  lines = lines_of("/etc/resolv.conf")
  emit("limit", "-", "code=no_resolv_conf") unless lines
  (lines || []).each do |line|
    key, *words = line.split
    next if words.empty?
    found[:servers] << words[0] if key == "nameserver"
    found[:search] = words if %w[search domain].include?(key)
    found[:options] += words if key == "options"
  end
  dots, others = found[:options].partition { |option| option =~ /\Andots:\d+\z/ }
  found[:ndots] = dots.last[6..-1].to_i if dots.any?
  told = { nameserver: found[:servers].first(8), search: found[:search].first(16), option: others.first(16) }
  emit("resolver", "-", "ndots=#{found[:ndots]}", told.flat_map { |key, list| list.map { |one| "#{key}=#{one}" } })
  found[:servers] << "127.0.0.1" if found[:servers].empty?
  found
end

def tell_proxies
  %w[HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY].flat_map { |name| [name, name.downcase] }.each do |name|
    value = ENV[name].to_s.b
    emit("env", "-", "name=#{name}", "value=#{value.sub(%r{\A([^/]*://)?.*@}m, '\1')}") unless value.empty?
  end
end

${RUBY_LOOKUP}
${RUBY_CONNECT}
${RUBY_TLS}
${RUBY_HTTP}

def probe(resolver, id, host, port, tls, path)
  work = [background(id) { ask_proxy(id, host, port, tls) }]
  addresses = literal?(host) ? [host] : lookup(id, host, port, resolver, work)
  first = true
  connect_all(addresses.first(MAX_ADDRESSES), port, id: id) do |address, sock|
    work << background(id) { beyond(id, host, port, tls, path, address, sock) } if first
    first = false
  end
  work.each(&:join)
end

# What comes after the connection: TLS, then HTTP on the same one.
def beyond(id, host, port, tls, path, address, sock)
  channel = tls ? check_tls(id, host, port, address, sock) : Plain.new(sock)
  check_http(id, host, port, tls, path, address, channel) if channel && path != "-"
end

def main
  Thread.new { sleep DEADLINE; exit!(4) }
  Thread.new do
    begin
      loop { STDIN.readpartial(65536) }
    rescue StandardError
      exit!(5)
    end
  end
  emit("hello", "-", "rung=ruby", "version=#{RUBY_VERSION}", libc_name, "time=#{Time.now.to_i}")
  find_tls if TARGETS.any? { |target| target[3] == "1" }
  tell_proxies
  resolver = read_resolver
  TARGETS.map { |id, host, port, tls, path|
    background(id) { probe(resolver, id, host, port.to_i, tls == "1", path) }
  }.each(&:join)
  emit("done", "-")
  exit!(0)
end

main
`;

const START: readonly string[] = ['ruby', ...FLAGS, '-e', LOADER];

export const RUBY: Rung = {
  name: 'ruby',
  detect: `ruby ${FLAGS.join(' ')} -e 'require "socket"'`,
  start: START,
  direct: [START],
  program: PROGRAM,
};
