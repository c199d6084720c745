/**
 * The part of `programs/perl.ts` that shakes hands by TLS: by the library under IO::Socket::SSL where that is installed, else by
 * `openssl s_client`. Both get the bytes of the connection that was made before, so that one place counts them and knows why they end.
 */
export const PERL_TLS = String.raw`# How TLS is spoken: "" (not at all), "library", or the path of openssl. And what it trusts, where it must be told.
my ($TLS, @TRUST) = ("");

sub find_tls {
    my $there;
    if (eval { require IO::Socket::SSL; 1 }) {
        my %trust = eval { IO::Socket::SSL::default_ca() };
        @TRUST = ($trust{SSL_ca_file} || "", $trust{SSL_ca_path} || "");
        ($TLS, $there) = ("library", scalar grep { $_ } @TRUST);
    }
    elsif (($TLS) = grep { -f $_ && -x _ } map { "$_/openssl" } split /:/, $ENV{PATH} || "/usr/bin:/bin") {
        $there = openssl_trust();
    }
    emit("limit", "-", "code=" . ($TLS ? "no_trust_store" : "no_tls")) if !$there;
    emit("limit", "-", "code=no_http_tls") if !$TLS && grep { $_->[3] eq "1" && $_->[4] ne "-" } @TARGETS;
}

# OpenSSL 1.0's s_client must be told of its own trust store.
sub openssl_trust {
    my $pid = open(my $said, "-|", $TLS, "version", "-a") or return 1;
    my ($text, $end) = ("", now() + $CONNECT);
    while (wait_for($end, [$said], [])) { sysread($said, $text, 65536, length $text) or last }
    kill "KILL", $pid;
    my $folder = $text =~ /^OPENSSLDIR: "(.+)"/m ? $1 : return 1;
    my @file = grep { -s $_ } $ENV{SSL_CERT_FILE} || "$folder/cert.pem";
    my @path = grep { opendir(LIST, $_) && grep { /^[^.]/ } readdir LIST } $ENV{SSL_CERT_DIR} || "$folder/certs";
    @TRUST = ((map { ("-CAfile", $_) } @file), map { ("-CApath", $_) } @path) if $text =~ /^OpenSSL [01]\.[09]/;
    return @file + @path;
}

sub der_of {
    my ($pem) = @_;
    $pem =~ tr{A-Za-z0-9+/}{}cd;
    $pem =~ tr{A-Za-z0-9+/}{ -_};
    return unpack "H*", unpack "u", join "", map { chr(32 + int(length($_) * 3 / 4)) . $_ } $pem =~ /(.{1,60})/g;
}

sub certificate { return $_[0] =~ /-----BEGIN CERT[^\n]*\n(.*?)-----END/s ? "cert=" . substr(der_of($1), 0, 12000) : () }

# send_all and receive end in a die with the err= value.
sub send_all {
    my ($sock, $bytes, $end) = @_;
    while (length $bytes) {
        my $size = syswrite($sock, $bytes);
        if (defined $size) { substr($bytes, 0, $size, "") }
        elsif ($! != Errno::EAGAIN() && $! != Errno::EINTR()) { die errname($!) . "\n" }
        elsif (!wait_for($end, [], [$sock])) { die "timeout\n" }
    }
}

# A peer that never ends is cut off; the half second is for a container that gets little time.
sub receive {
    my ($sock, $end) = @_;
    die "timeout\n" if now() > $end + 0.5 || !wait_for($end, [$sock], []);
    my $size = sysread($sock, my $bytes, 65536);
    die((defined $size ? "closed" : errname($!)) . "\n") if !$size;
    return $bytes;
}

# drive(PEER, END, WORK): carries bytes between the library and the socket until WORK returns something true.
sub drive {
    my ($peer, $end, $work) = @_;
    while (1) {
        my $result = $work->();
        while (Net::SSLeay::BIO_pending($peer->{out}) > 0) {
            send_all($peer->{sock}, Net::SSLeay::BIO_read($peer->{out}, 65536), $end);
        }
        return $result if $result;
        my $bytes = receive($peer->{sock}, $end);
        $peer->{got} += length $bytes;
        Net::SSLeay::BIO_write($peer->{in}, $bytes);
    }
}

# For a call's result that is not a success: false to go on with more bytes, else why it failed.
sub failed {
    my ($peer, $result) = @_;
    my $error = Net::SSLeay::get_error($peer->{ssl}, $result);
    return "" if $error == 2 || $error == 3;
    return "closed" if $error == 6;
    my $text = Net::SSLeay::ERR_error_string(Net::SSLeay::ERR_get_error());
    return "tls\ttext=" . ((split /:/, $text)[-1] || $text);
}

sub by_library {
    my ($sock, $host) = @_;
    my $end = now() + $CONNECT;
    my $context = Net::SSLeay::CTX_new();
    Net::SSLeay::CTX_load_verify_locations($context, @TRUST) if grep { $_ } @TRUST;
    my $ssl = Net::SSLeay::new($context);
    my %peer = (sock => $sock, ssl => $ssl, got => 0, in => Net::SSLeay::BIO_new(Net::SSLeay::BIO_s_mem()), out => Net::SSLeay::BIO_new(Net::SSLeay::BIO_s_mem()));
    Net::SSLeay::set_bio($ssl, $peer{in}, $peer{out});
    Net::SSLeay::set_tlsext_host_name($ssl, $host) if !is_literal($host);
    my $error = eval {
        drive(\%peer, $end, sub {
            my $result = Net::SSLeay::connect($ssl);
            return $result == 1 ? "done" : failed(\%peer, $result);
        });
    } || $@;
    chomp $error;
    return {fields => ["err=" . $error, "got=$peer{got}"]} if $error ne "done";
    my $certificate = Net::SSLeay::get_peer_certificate($ssl);
    my $verify = Net::SSLeay::get_verify_result($ssl);
    my $text = $verify ? Net::SSLeay::X509_verify_cert_error_string($verify) : "host name mismatch";
    $verify = 62 if !$verify && !IO::Socket::SSL::verify_hostname_of_cert($host, $certificate, "www");
    my @fields = ("version=" . Net::SSLeay::get_version($ssl), certificate(Net::SSLeay::PEM_get_string_X509($certificate)));
    return {fields => [$verify ? ("verify=$verify", "text=$text") : "ok=1", @fields], talk => library_talk(\%peer)};
}

sub library_talk {
    my ($peer) = @_;
    return sub {
        my ($request, $end) = @_;
        my $text = "";
        Net::SSLeay::write($peer->{ssl}, $request);
        eval {
            my $error = drive($peer, $end, sub {
                my ($bytes, $result) = Net::SSLeay::read($peer->{ssl}, 16384);
                $text .= $bytes if defined $bytes && length $bytes;
                return whole_head($text) ? "done" : length $bytes ? "" : failed($peer, $result);
            });
            die "$error\n" if $error ne "done";
        };
        return ($text, $@);
    };
}

# openssl connects to a door of ours on the loopback, which lets one in; what passes there goes on by the connection we have.
sub start_openssl {
    my ($sock, $host) = @_;
    socket(my $door, AF_INET, SOCK_STREAM, 0) or die errname($!) . "\n";
    bind($door, pack_sockaddr_in(0, INADDR_LOOPBACK)) && listen($door, 1) or die errname($!) . "\n";
    my ($port) = unpack_sockaddr_in(getsockname($door));
    pipe(my $out, my $tell) && pipe(my $hear, my $in) or die errname($!) . "\n";
    my @who = is_literal($host) ? ("-verify_ip", $host) : ("-servername", $host, "-verify_hostname", $host);
    my $pid = start_process();
    die errname($!) . "\n" if !defined $pid;
    if (!$pid) {
        POSIX::dup2(fileno $hear, 0);
        POSIX::dup2(fileno $tell, $_) for 1, 2;
        alarm(POSIX::ceil($DEADLINE));
        exec {$TLS} "openssl", "s_client", "-connect", "127.0.0.1:$port", @who, @TRUST;
        POSIX::_exit(127);
    }
    close $_ for $hear, $tell;
    my $peer = {sock => $sock, pid => $pid, out => $out, in => $in, text => "", got => 0};
    my $end = now() + $CONNECT;
    # It may print something first, or come to its end.
    while (my @ready = wait_for($end, [$door, $out], [])) {
        if (grep { $_ == $door } @ready) {
            accept(my $near, $door) or die errname($!) . "\n";
            $peer->{near} = $near;
            return $peer;
        }
        sysread($out, $peer->{text}, 65536, length $peer->{text}) or return $peer;
    }
    kill "KILL", $pid;
    die "openssl did not start in time\n";
}

# Carries bytes until DONE says so, openssl has ended (an empty result), or END has come.
sub carry {
    my ($peer, $end, $done) = @_;
    while (!$done->()) {
        my @ready = wait_for($end, [grep { $_ } @$peer{qw(out near), $peer->{lost} ? () : "sock"}], []);
        die "timeout\n" if !@ready || now() > $end + 0.5;
        for my $handle (@ready) {
            my $size = sysread($handle, my $bytes, 65536);
            if ($handle == $peer->{out}) { $size ? ($peer->{text} .= $bytes) : return "" }
            elsif ($handle == $peer->{sock}) {
                $peer->{lost} = defined $size ? "closed" : errname($!) if !$size;
                $peer->{got} += $size || 0;
                if ($size) { put_near($peer, $bytes) } else { shutdown($peer->{near}, 1) }
            }
            elsif ($size) { eval { send_all($peer->{sock}, $bytes, $end); 1 } or $peer->{lost} ||= $@ =~ /(\w+)/ && $1 }
            else { delete $peer->{near} }
        }
    }
    return "done";
}

sub put_near { my ($peer, $bytes) = @_; eval { send_all($peer->{near}, $bytes, now() + $CONNECT) } }

sub by_openssl {
    my ($sock, $host) = @_;
    my $peer = start_openssl($sock, $host);
    die "openssl: $peer->{text}\n" if !$peer->{near};
    my $end = now() + $CONNECT;
    my $done = eval { carry($peer, $end, sub { $peer->{text} =~ /^\s*Verify return code: \d+ [^\n]*\n/m }) };
    my $error = $@;
    my $text = $peer->{text};
    my ($verify, $why) = $text =~ /^verify error:num=(\d+):([^\n]*)/m;
    ($verify, $why) = $text =~ /Verify return code: (\d+) \(([^\n]*)\)/ if !defined $verify;
    if ($done && defined $verify && $text =~ /Cipher is (?!\(NONE\))/ && $text =~ /BEGIN CERT/) {
        my ($version) = $text =~ /^\s*Protocol\s*: (\S+)/m ? $1 : $text =~ /^(?:New|Reused), (TLSv[\d.]+),/m;
        return {fields => [$verify ? ("verify=$verify", "text=$why") : "ok=1", "version=$version", certificate($text)], talk => openssl_talk($peer)};
    }
    kill "KILL", $peer->{pid};
    my ($reason) = $text =~ /:error:[^:]*:[^:]*:[^:]*:([^:\n]+)/;
    undef $reason if $peer->{lost} && $reason =~ /unexpected eof|^\s*$/;
    my $fields = $reason ? "tls\ttext=$reason" : $peer->{lost} || ($error =~ /timeout/ ? "timeout" : "tls\ttext=" . substr($text, 0, 200));
    return {fields => ["err=$fields", "got=$peer->{got}"]};
}

sub openssl_talk {
    my ($peer) = @_;
    return sub {
        my ($request, $end) = @_;
        $peer->{text} = "";
        syswrite($peer->{in}, $request);
        my $done = eval { carry($peer, $end, sub { $peer->{text} =~ /^HTTP\//m && whole_head(substr($peer->{text}, $-[0])) }) };
        my $error = $done eq "done" ? "" : $@ || $peer->{lost} || "closed";
        kill "KILL", $peer->{pid};
        return ($peer->{text} =~ /^(HTTP\/.*)/ms ? $1 : "", $error);
    };
}

# Tells about the handshake; returns what speaks over it, where it was trusted.
sub check_tls {
    my ($tid, $host, $port, $address, $sock) = @_;
    $host =~ s/\.$//;
    my $shake = $TLS eq "library" ? \&by_library : \&by_openssl;
    my $start = now();
    my $peer = $shake->($sock, $host);
    emit("tls", $tid, "addr=$address", ms($start), map { split /\t/ } @{$peer->{fields}});
    return $peer->{talk} if $peer->{fields}[0] eq "ok=1";
    return if $peer->{fields}[0] ne "err=timeout";
    connect_all([$address], $port, {mss => 536, result => sub {
        my (undef, undef, $error, $again) = @_;
        my @fields = $again ? @{$shake->($again, $host)->{fields}} : ("err=$error");
        emit("segment", $tid, "addr=$address", "mss=536", map { split /\t/ } @fields);
    }});
    return;
}
`;
