/** The part of `programs/perl.ts` that looks names up: through the C library as the application does, and by raw questions to the pod's name servers. */
export const PERL_LOOKUP = String.raw`# Older ones know only gethostbyname, and so only IPv4.
my $LIBRARY = defined &Socket::getaddrinfo && defined &Socket::getnameinfo;
my %H_ERRNO = (1 => "EAI_NONAME", 2 => "EAI_AGAIN", 3 => "EAI_FAIL", 4 => "EAI_NODATA");

# The socket address of an address in text.
sub place {
    my ($address, $port) = @_;
    if ($LIBRARY) {
        my $hints = {flags => Socket::AI_NUMERICHOST(), socktype => SOCK_STREAM};
        my ($error, $found) = Socket::getaddrinfo($address, $port, $hints);
        return $found && $found->{addr};
    }
    return is_literal($address) && $address !~ /:/ ? pack_sockaddr_in($port, inet_aton($address)) : undef;
}

# Up to two addresses of each family first: those are the ones that are tried.
sub in_order {
    my %seen;
    my @all = grep { !$seen{$_}++ } @_;
    my @four = grep { !/:/ } @all;
    my @six = grep { /:/ } @all;
    return (splice(@four, 0, 2), splice(@six, 0, 2), @four, @six);
}

# What the C library gives: an error (name and text) or addresses.
sub resolve {
    my ($host, $port) = @_;
    if (!$LIBRARY) {
        my (undef, undef, undef, undef, @found) = gethostbyname($host);
        my $error = $? & 0xffff;
        return @found ? ("", "", in_order(map { inet_ntoa($_) } @found)) : ($H_ERRNO{$error} || $error, "");
    }
    my ($error, @found) = Socket::getaddrinfo($host, $port, {socktype => SOCK_STREAM});
    return ($EAI{$error + 0} || $error + 0, "$error") if $error;
    return ("", "", in_order(map { (Socket::getnameinfo($_->{addr}, Socket::NI_NUMERICHOST(), 2))[1] } @found));
}

sub ask_library {
    my ($tid, $host, $port, $form) = @_;
    my $start = now();
    my ($error, $text, @found) = resolve($host, $port);
    emit("library", $tid, "form=$form", ms($start), $error ? ("err=$error", "text=$text") : map { "addr=$_" } first(16, @found));
    return @found;
}

sub query {
    my ($name, $type) = @_;
    my $labels = join "", map { pack("C/a*", $_) } grep { length } split /\./, $name;
    return pack("n6", int(rand(65536)), 0x0100, 1, 0, 0, 0) . $labels . pack("Cnn", 0, $type, 1);
}

sub questions {
    my ($host, $config) = @_;
    my @all = ({q => "A", type => 1, name => $host}, {q => "AAAA", type => 28, name => $host});
    return @all if ($host =~ tr/.//) >= $config->{ndots} || $host =~ /\.$/;
    return (@all, map { {q => "A", type => 1, name => "$host.$_", suffix => $_} } @{$config->{search}});
}

# Opens a socket that does not block and begins to connect it; the second value is the error.
sub begin {
    my ($place, $type, $mss) = @_;
    socket(my $sock, sockaddr_family($place), $type, 0) or return (undef, errname($!));
    setsockopt($sock, 6, 2, pack("i", $mss)) if $mss;
    fcntl($sock, F_SETFL, (fcntl($sock, F_GETFL, 0) || 0) | O_NONBLOCK);
    return ($sock, "") if connect($sock, $place) || $! == Errno::EINPROGRESS();
    return (undef, errname($!));
}

sub told {
    my ($question, $via, $result) = @_;
    my @suffix = $question->{suffix} ? ("suffix=$question->{suffix}") : ();
    emit("dns", $question->{tid}, "q=$question->{q}", "server=$question->{server}", "via=$via", @suffix, ms($question->{$via}{start}), $result);
}

# Begins to ask over UDP or TCP; tells where that is not even possible.
sub dial {
    my ($question, $via) = @_;
    my $place = place($question->{server}, 53);
    my ($sock, $error) = !$place ? (undef, "EINVAL") : is_metadata($place) ? (undef, "metadata") : begin($place, $via eq "udp" ? SOCK_DGRAM : SOCK_STREAM);
    $question->{$via} = {sock => $sock, start => now(), got => "", sending => $via eq "tcp"};
    return told($question, $via, "err=$error") if !$sock;
    syswrite($sock, $question->{packet}) if $via eq "udp";
}

# Turns to the next server; each has its share of the time that is left.
sub next_server {
    my ($question, $end) = @_;
    delete @$question{qw(udp tcp)};
    while (@{$question->{servers}}) {
        my $share = ($end - now()) / @{$question->{servers}};
        $question->{server} = shift @{$question->{servers}};
        $question->{packet} = query($question->{name}, $question->{type});
        @$question{qw(again end)} = (now() + $share / 3, now() + $share);
        dial($question, "udp");
        return if is_open($question);
    }
}

sub is_open { my ($question) = @_; return grep { $question->{$_} && $question->{$_}{sock} } qw(udp tcp) }

sub ended {
    my ($question, $via, $result) = @_;
    told($question, $via, $result);
    delete $question->{$via}{sock};
}

# NOERROR or NXDOMAIN: no other server is asked, as in the C library. A cut answer is asked for once more over TCP.
sub answered {
    my ($question, $via, $reply) = @_;
    $question->{servers} = [] if !(unpack("x3C", $reply) & 15) || (unpack("x3C", $reply) & 15) == 3;
    ended($question, $via, "hex=" . unpack("H*", substr($reply, 0, 4096)));
    if ($via eq "tcp") { ended($question, "udp", "err=timeout") if $question->{udp}{sock} }
    elsif (!(unpack("x2C", $reply) & 2)) { delete $question->{tcp} }
    elsif (!$question->{tcp}) { dial($question, "tcp") }
}

sub heard {
    my ($question, $via) = @_;
    my $way = $question->{$via};
    if ($way->{sending}) {
        my $error = unpack("i", getsockopt($way->{sock}, SOL_SOCKET, SO_ERROR));
        $way->{sending} = 0;
        return $error ? ended($question, $via, "err=" . errname($error)) : syswrite($way->{sock}, pack("n/a*", $question->{packet}));
    }
    my $size = sysread($way->{sock}, my $data, 65536);
    return if !defined $size && $! == Errno::EAGAIN();
    return ended($question, $via, "err=" . errname($!)) if !defined $size;
    if ($via eq "udp") {
        answered($question, $via, $data) if $size > 11 && substr($data, 0, 2) eq substr($question->{packet}, 0, 2);
        return;
    }
    return ended($question, $via, "err=closed") if !$size;
    $way->{got} .= $data;
    my $whole = length $way->{got} < 14 ? 65536 : unpack("n", $way->{got});
    answered($question, $via, substr($way->{got}, 2, $whole)) if length $way->{got} >= 2 + $whole;
}

# What is due by the clock: the question once more, with TCP beside it (for the names of the search list UDP is enough); or the end.
sub tick {
    my ($question) = @_;
    if ($question->{again} && now() >= $question->{again}) {
        $question->{again} = 0;
        if ($question->{udp}{sock}) {
            syswrite($question->{udp}{sock}, $question->{packet});
            dial($question, "tcp") if !$question->{suffix} && !$question->{tcp};
        }
    }
    if (now() >= $question->{end}) { ended($question, $_, "err=timeout") for is_open($question) }
}

# Asks all questions side by side, no longer than the connections take that go on meanwhile. The handle is the C library's, which
# says a word when it has answered and closes at its end.
sub ask_servers {
    my ($tid, $host, $config, $library) = @_;
    my ($start, $answered) = (now(), 0);
    my $end = $start + $LOOKUP * 0.95;
    my @open = map { $_->{tid} = $tid; $_->{servers} = [@{$config->{servers}}]; $_ } questions($host, $config);
    next_server($_, $end) for @open;
    while ((@open = grep { is_open($_) } @open) || $library) {
        my ($due) = sort { $a <=> $b } $start + $LOOKUP, map { $_->{again} || $_->{end} } @open;
        my @ways = map { my $question = $_; map { [$question, $_, $question->{$_}] } is_open($question) } @open;
        my @reading = map { $_->[2]{sock} } grep { !$_->[2]{sending} } @ways;
        my @ready = wait_for($due, [@reading, $library || ()], [map { $_->[2]{sock} } grep { $_->[2]{sending} } @ways]);
        if ($library && grep { $_ == $library } @ready) {
            if (!sysread($library, my $word, 1)) { undef $library }
            else {
                $answered = 1;
                $end = now() + $CONNECT if $end > now() + $CONNECT;
                for (@open) { $_->{end} = $end if $_->{end} > $end }
            }
        }
        for my $way (@ways) {
            my ($question, $via, $was) = @$way;
            heard($question, $via) if $was->{sock} && grep { $_ == $was->{sock} } @ready;
        }
        for (@open) { tick($_); next_server($_, $end) if !is_open($_) }
        last if now() >= $start + $LOOKUP;
    }
    emit("library", $tid, "form=app", ms($start), "err=timeout") if $library && !$answered;
    # Nothing is said of a library that could not even be asked.
    emit("looked", $tid, ms($start)) if $answered || $library;
    return $library;
}

# Returns what the application gets. Where that is nothing, the absolute name is the control (reported, never connected to).
sub lookup {
    my ($tid, $host, $port, $config) = @_;
    my $start = now();
    pipe(my $found, my $finding) or die $!;
    pipe(my $library, my $telling) or die $!;
    my $asking = background($tid, sub {
        my @found = ask_library($tid, $host, $port, "app");
        put($telling, "a");
        put($finding, join " ", @found) if @found;
        close $finding;
        ask_library($tid, "$host.", $port, "absolute") if !@found && $host !~ /\.$/;
    });
    close $finding;
    close $telling;
    background($tid, sub {
        kill "KILL", $asking if ask_servers($tid, $host, $config, $library) && $asking;
    });
    my $text = "";
    while (wait_for($start + $LOOKUP, [$found], [])) { sysread($found, $text, 4096, length $text) or last }
    return split " ", $text;
}
`;
