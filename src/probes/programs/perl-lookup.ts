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
    my ($question, $result) = @_;
    my @suffix = $question->{suffix} ? ("suffix=$question->{suffix}") : ();
    emit("dns", $question->{tid}, "q=$question->{q}", "server=$question->{server}", "via=$question->{via}", @suffix,
        ms($question->{start}), $result);
}

# Turns to the next server, or ends the question: each server has its share of the time that is left.
sub next_server {
    my ($question, $end) = @_;
    delete $question->{sock};
    while (@{$question->{servers}}) {
        my $share = ($end - now()) / @{$question->{servers}};
        $question->{server} = shift @{$question->{servers}};
        $question->{end} = now() + $share;
        $question->{cut} = 0;
        return if dial($question, "udp", now() + $share * 0.6);
    }
}

# Begins to ask over UDP (sent again half-way) or TCP; false where that is not even possible.
sub dial {
    my ($question, $via, $until) = @_;
    @$question{qw(via start until got again)} = ($via, now(), $until, "", $via eq "udp" ? (now() + $until) / 2 : 0);
    my $place = place($question->{server}, 53);
    my ($sock, $error) = $place ? begin($place, $via eq "udp" ? SOCK_DGRAM : SOCK_STREAM) : (undef, "EINVAL");
    $question->{sock} = $sock;
    told($question, "err=$error") if !$sock;
    if ($sock && $via eq "udp") { $question->{packet} = query($question->{name}, $question->{type}); syswrite($sock, $question->{packet}) }
    $question->{sending} = $via eq "tcp";
    return $sock;
}

sub answered {
    my ($question, $reply, $end) = @_;
    told($question, "hex=" . unpack("H*", substr($reply, 0, 4096)));
    delete $question->{sock};
    return if $question->{via} eq "tcp" || !(unpack("x2C", $reply) & 2);
    $question->{cut} = 1;
    dial($question, "tcp", $question->{end});
}

# No answer by this way: after UDP comes TCP, after TCP the next server, unless a cut answer was there.
sub missed {
    my ($question, $error, $end) = @_;
    told($question, "err=$error");
    return if $question->{via} eq "udp" && $error eq "timeout" && dial($question, "tcp", $question->{end});
    if ($question->{cut}) { delete $question->{sock} } else { next_server($question, $end) }
}

sub heard {
    my ($question, $end) = @_;
    my $sock = $question->{sock};
    if ($question->{sending}) {
        my $error = unpack("i", getsockopt($sock, SOL_SOCKET, SO_ERROR));
        return missed($question, errname($error), $end) if $error;
        $question->{sending} = 0;
        return syswrite($sock, pack("n/a*", $question->{packet}));
    }
    my $size = sysread($sock, my $data, 65536);
    return if !defined $size && $! == Errno::EAGAIN();
    return missed($question, errname($!), $end) if !defined $size;
    if ($question->{via} eq "udp") {
        return substr($data, 0, 2) eq substr($question->{packet}, 0, 2) && $size > 11 ? answered($question, $data, $end) : undef;
    }
    return missed($question, "closed", $end) if !$size;
    $question->{got} .= $data;
    my $whole = length $question->{got} < 2 ? 65536 : unpack("n", $question->{got});
    answered($question, substr($question->{got}, 2, $whole), $end) if length $question->{got} >= 2 + $whole;
}

# Asks all questions side by side; the handle is the C library's, which says a word when it has answered and closes at its end.
sub ask_servers {
    my ($tid, $host, $config, $library) = @_;
    my ($start, $answered) = (now(), 0);
    my $end = $start + $LOOKUP * 0.95;
    my @open = map { $_->{tid} = $tid; $_->{servers} = [@{$config->{servers}}]; $_ } questions($host, $config);
    next_server($_, $end) for @open;
    while ((@open = grep { $_->{sock} } @open) || $library) {
        my ($due) = sort { $a <=> $b } $start + $LOOKUP, map { $_->{again} || $_->{until} } @open;
        my @read = map { $_->{sock} } grep { !$_->{sending} } @open;
        my @ready = wait_for($due, [@read, $library || ()], [map { $_->{sock} } grep { $_->{sending} } @open]);
        if ($library && grep { $_ == $library } @ready) {
            if (sysread($library, my $word, 1)) { $answered = 1 } else { undef $library }
        }
        for my $question (@open) {
            if (grep { $_ == $question->{sock} } @ready) { heard($question, $end) }
            elsif ($question->{again} && now() >= $question->{again}) { $question->{again} = 0; syswrite($question->{sock}, $question->{packet}) }
            elsif (now() >= $question->{until}) { missed($question, "timeout", $end) }
        }
        last if now() >= $start + $LOOKUP;
    }
    emit("library", $tid, "form=app", ms($start), "err=timeout") if $library && !$answered;
    emit("looked", $tid, ms($start));
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
        ask_library($tid, "$host.", $port, "absolute") if !@found;
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
