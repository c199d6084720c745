/** The part of `programs/ruby.ts` that speaks HTTP: one HEAD request over the connection that stands, and a CONNECT to the environment's proxy. */
export const RUBY_HTTP = String.raw`def authority(host, port)
  (host.include?(":") ? "[#{host}]" : host) + (port ? ":#{port}" : "")
end

# One request; gives what is to be told about the head of the answer.
def ask(channel, request, names)
  finish = now + CONNECT
  text = "".b
  begin
    channel.write(request.join("\r\n") + "\r\n\r\n", finish)
    until text =~ /\r?\n\r?\n/ || text.size > 32768
      raise Failure, "timeout" if now > finish + 0.5
      text << channel.read(finish)
      # Heads that only announce the answer (100, 103).
      nil while text.sub!(%r{\AHTTP/\S+ 1(?!01)\d\d\b.*?\r?\n\r?\n}m, "")
    end
  rescue StandardError => e
    error = code(e)
  end
  head = text.split(/\r?\n\r?\n/, 2)[0].to_s
  return ["err=#{text.empty? ? error : 'EPROTO'}".split("\t")] unless head =~ %r{\AHTTP/\d(?:\.\d)? ([1-5]\d\d)\b}
  ["status=#{$1}"] + names.map { |name| head =~ /^#{name}:[ \t]*([^\r\n]+)/i ? "#{name}=#{$1}" : nil }.compact
end

def check_http(id, host, port, tls, path, address, channel)
  start = now
  at = authority(host, port == (tls ? 443 : 80) ? nil : port)
  request = ["HEAD #{path} HTTP/1.1", "Host: #{at}", "User-Agent: k8s-egress-diagnose", "Accept: */*", "Connection: close"]
  fields = ask(channel, request, %w[location via server])
  emit("http", id, "addr=#{address}", ms(start), fields)
end

# NO_PROXY as most clients read it: names and what ends in them, with or without a leading dot, and "*".
def excepted?(host, port)
  list = ENV["no_proxy"] || ENV["NO_PROXY"] || ""
  list.b.downcase.split(/[\s,]+/).any? do |entry|
    next true if entry == "*"
    name, only = entry.match(/\A\*?\.?(.*?)(?::(\d+))?\z/).captures
    next false if name.empty? || (only && only.to_i != port)
    host.downcase == name || host.downcase.end_with?("." + name)
  end
end

# The variable that clients follow for http or https, and where it leads.
def proxy_of(kind)
  name = ["#{kind}_proxy", "#{kind.upcase}_PROXY", "all_proxy", "ALL_PROXY"].find { |one| !ENV[one].to_s.empty? }
  found = name && ENV[name].b.match(%r{\A(?:([A-Za-z0-9+.-]+)://)?(?:[^/]*@)?(\[[^\]]+\]|[^/:]+)(?::(\d{1,5}))?(?:/|\z)})
  return nil unless found
  scheme = (found[1] || "http").downcase
  [name, scheme, found[2].delete("[]"), (found[3] || { "http" => 80, "https" => 443 }.fetch(scheme, 1080)).to_i]
end

def ask_proxy(id, host, port, tls)
  name, scheme, proxy, at = proxy_of(tls ? "https" : "http")
  return if name.nil? || excepted?(host, port)
  start = now
  result = tunnel(scheme, proxy, at, authority(host, port))
  emit("proxy", id, "name=#{name}", "host=#{proxy}", "port=#{at}", ms(start), result)
end

def tunnel(scheme, proxy, at, to)
  return "err=scheme" if scheme != "http"
  addresses = literal?(proxy) ? [proxy] : in_time { resolve(proxy, at) }
  return "err=lookup" if addresses.nil? || addresses.empty?
  result = nil
  last = connect_all(addresses.first(MAX_ADDRESSES), at) do |_, sock|
    result ||= ask(Plain.new(sock), ["CONNECT #{to} HTTP/1.1", "Host: #{to}", "User-Agent: k8s-egress-diagnose"], ["via"])
    sock.close
  end
  result || "err=#{last}"
end

# What the block gives within the time for lookups, or nothing.
def in_time
  result = nil
  background("-") do
    begin
      result = yield
    rescue SocketError
      result = []
    end
  end.join(LOOKUP)
  result
end
`;
