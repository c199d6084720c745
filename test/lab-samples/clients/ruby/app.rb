# Fetches one export with the library that the first argument names; what it raises ends the program, as in a job.
library, url, timeout = ARGV
seconds = timeout == 'none' ? nil : timeout.to_f

def fetch_net_http(url, seconds)
  require 'net/http'
  uri = URI(url)
  http = Net::HTTP.new(uri.host, uri.port)
  http.use_ssl = uri.scheme == 'https'
  http.open_timeout = http.ssl_timeout = http.read_timeout = seconds if seconds
  http.max_retries = 0
  answer = http.get(uri.request_uri)
  answer.is_a?(Net::HTTPRedirection) ? fetch_net_http(answer['location'], seconds) : answer.value
end

def fetch_faraday(url, seconds)
  require 'faraday'
  Faraday.new(request: { open_timeout: seconds, timeout: seconds }) { |builder| builder.use Faraday::Response::RaiseError }.get(url)
end

send("fetch_#{library.tr('-', '_')}", url, seconds)
