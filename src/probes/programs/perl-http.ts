/** The part of `programs/perl.ts` that speaks HTTP: one HEAD request over the connection that stands, and a CONNECT to the environment's proxy. */
export const PERL_HTTP = String.raw`# Whether the head of an answer is there; those that only announce one (100, 103) are taken off.
sub whole_head {
    1 while $_[0] =~ s{^HTTP/\S+ 1(?!01)\d\d\b.*?\r?\n\r?\n}{}s;
    return $_[0] =~ /\r?\n\r?\n/ || length $_[0] > 32768;
}

# Sends a request and returns what came of the answer's head, and why it ended early.
sub plain_talk {
    my ($sock) = @_;
    return sub {
        my ($request, $end) = @_;
        my $text = "";
        eval {
            send_all($sock, $request, $end);
            $text .= receive($sock, $end) while !whole_head($text);
        };
        return ($text, $@);
    };
}

sub header {
    my ($name, $head) = @_;
    return $head =~ /^$name:[ \t]*([^\r\n]+)/mi ? (lc($name) . "=$1") : ();
}

sub answer_of {
    my ($talk, $request) = @_;
    my ($text, $error) = $talk->($request, now() + $CONNECT);
    chomp $error;
    my ($head) = split /\r?\n\r?\n/, $text, 2;
    return ("status=$1", map { header($_, $head) } qw(Location Via Server)) if $text =~ m{^HTTP/\d(?:\.\d)? ([1-5]\d\d)\b};
    return split /\t/, "err=" . (length $text ? "EPROTO" : $error || "closed");
}

sub authority {
    my ($host, $port) = @_;
    return ($host =~ /:/ ? "[$host]" : $host) . ":$port";
}

sub check_http {
    my ($tid, $host, $port, $tls, $path, $address, $talk) = @_;
    my $start = now();
    my $at = authority($host, $port);
    $at =~ s/:\d+$// if $port == ($tls ? 443 : 80);
    my @fields = answer_of($talk, "HEAD $path HTTP/1.1\r\nHost: $at\r\nUser-Agent: k8s-egress-diagnose\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    emit("http", $tid, "addr=$address", ms($start), @fields);
}

# NO_PROXY as most clients read it: names and what ends in them, with or without a leading dot, and "*".
sub is_excepted {
    my ($host, $port) = @_;
    for my $entry (split /[\s,]+/, lc($ENV{no_proxy} || $ENV{NO_PROXY} || "")) {
        return 1 if $entry eq "*";
        my ($name, $only) = $entry =~ /^\*?\.?(.+?)(?::(\d+))?$/ or next;
        next if $only && $only != $port;
        return 1 if lc($host) eq $name || substr(lc $host, -length(".$name")) eq ".$name";
    }
    return 0;
}

# The variable that clients follow for http or https, and where it leads.
sub proxy_of {
    my ($kind) = @_;
    my ($name) = grep { defined $ENV{$_} && $ENV{$_} ne "" } map { ($_, uc $_) } $kind . "_proxy", "all_proxy" or return;
    my ($scheme, $host, $at) = $ENV{$name} =~ m{^(?:([A-Za-z0-9+.-]+)://)?(?:[^/]*@)?(\[[^\]]+\]|[^/:]+)(?::(\d{1,5}))?(?:/|$)} or return;
    $scheme = lc($scheme || "http");
    $host =~ tr/[]//d;
    return ($name, $scheme, $host, $at || {http => 80, https => 443}->{$scheme} || 1080);
}

# What WORK returns within the time for lookups, from a process of its own; nothing where it takes longer.
sub in_time {
    my ($tid, $work) = @_;
    my $end = now() + $LOOKUP;
    pipe(my $found, my $finding) or die $!;
    my $pid = background($tid, sub { put($finding, $work->()) });
    close $finding;
    my $text = "";
    while (wait_for($end, [$found], [])) { sysread($found, $text, 4096, length $text) or return $text }
    kill "KILL", $pid if $pid;
    return "";
}

sub ask_proxy {
    my ($tid, $host, $port, $name, $scheme, $proxy, $at) = @_;
    my $start = now();
    my $tell = sub { emit("proxy", $tid, "name=$name", "host=$proxy", "port=$at", ms($start), grep { !/^(?:location|server)=/ } @_) };
    return $tell->("err=scheme") if $scheme ne "http";
    my @addresses = is_literal($proxy) ? ($proxy) : split " ", in_time($tid, sub { my (undef, undef, @found) = resolve($proxy, $at); join " ", @found });
    return $tell->("err=lookup") if !@addresses;
    my $last;
    connect_all([first($MAX_ADDRESSES, @addresses)], $at, {result => sub {
        my (undef, undef, $error, $sock) = @_;
        $last = $error;
        return if !$sock;
        my $to = authority($host, $port);
        $tell->(answer_of(plain_talk($sock), "CONNECT $to HTTP/1.1\r\nHost: $to\r\nUser-Agent: k8s-egress-diagnose\r\n\r\n"));
        leave(0);
    }});
    $tell->("err=$last");
}
`;
