/**
 * The probe program for containers that have perl (5.10 or newer; Debian's perl-base is enough); sent by `probes/exec-runner.ts`,
 * its records are read by `probes/collector.ts`. A constant: every value comes in as an argument.
 *
 * One process for each target, and one of its own for what may hang in the C library; the first process alone writes to standard
 * output, watches standard input and ends the others. Each also carries an alarm, should the first be killed.
 */
import { PERL_CONNECT } from './perl-connect.ts';
import { PERL_HTTP } from './perl-http.ts';
import { PERL_LOOKUP } from './perl-lookup.ts';
import { PERL_TLS } from './perl-tls.ts';
import { END_OF_PROGRAM, type Rung } from './rung.ts';

/** Imports the program cannot do without, none from the working folder; the ladder tries them before it settles on this rung. */
const NEEDS =
  'BEGIN { @INC = grep { $_ ne "." } @INC } use 5.010; use strict; use Errno; use Fcntl; use POSIX (); use Socket;';

/** A program that was cut before its end is not run. */
const LOADER = String.raw`my ($text, $end) = ("", 0);
while (my $line = <STDIN>) {
    if ($line eq "${END_OF_PROGRAM}\n") { $end = 1; last }
    $text .= $line;
}
exit 5 if !$end;
eval $text;
die $@ if $@;
`;

const PROGRAM = String.raw`${NEEDS}
no warnings;
my ($NONCE, $CONNECT, $LOOKUP, $DEADLINE) = (shift(@ARGV), map { $_ / 1000 } splice(@ARGV, 0, 3));
my @TARGETS;
push @TARGETS, [splice(@ARGV, 0, 5)] while @ARGV >= 5;
my $MAX_ADDRESSES = 4;
# Where the records of every process but the first go, in pieces that a pipe takes whole; and the group that all are in.
my ($PIPE, $GROUP);
my $PIECE = 4000;
my (%ERRNO, %EAI);
for my $name (sort { $b cmp $a } @Errno::EXPORT_OK) {
    no strict "refs";
    my $number = eval { &{"Errno::$name"}() };
    $ERRNO{$number} = $name if defined $number && $name =~ /^E/;
}
for my $name (map { "EAI_$_" } qw(ADDRFAMILY AGAIN BADFLAGS FAIL FAMILY MEMORY NODATA NONAME SERVICE SOCKTYPE SYSTEM)) {
    no strict "refs";
    my $number = eval { &{"Socket::$name"}() };
    $EAI{$number} = $name if defined $number;
}
# perl-base has no Time::HiRes; the ticks of times() are steady too, to 10 ms.
my $CLOCK = eval { require Time::HiRes; Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC()); 1 };
my $TICKS = POSIX::sysconf(POSIX::_SC_CLK_TCK()) || 100;
$SIG{CHLD} = "IGNORE";
$SIG{PIPE} = "IGNORE";

sub now { return $CLOCK ? Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC()) : (POSIX::times())[0] / $TICKS }

sub ms { my ($start) = @_; return sprintf("ms=%d", (now() - $start) * 1000 + 0.5) }

sub errname { my ($number) = @_; return $ERRNO{$number + 0} || ($number + 0) }

sub clean {
    my ($text) = @_;
    $text =~ s/[^ -~]/ /g;
    return $text =~ /^(?:cert|hex)=/ ? $text : substr($text, 0, $text =~ /^location=/ ? 8192 : 300);
}

sub put {
    my ($handle, $text) = @_;
    while (length $text) {
        my $size = syswrite($handle, $text);
        next if !defined $size && $! == Errno::EINTR();
        finish() if !$size;
        substr($text, 0, $size, "");
    }
}

sub emit {
    my ($kind, $tid, @fields) = @_;
    my $line = join("\t", $NONCE, $kind, $tid, map { clean($_) } @fields) . "\n";
    return put(\*STDOUT, $line) if !$PIPE;
    while (length $line) {
        my $piece = substr($line, 0, $PIECE, "");
        put($PIPE, pack("NCn", $$, length $line ? 1 : 0, length $piece) . $piece);
    }
}

# Runs it in a process of its own, which the alarm ends in whatever C function it hangs.
sub background {
    my ($tid, $work) = @_;
    my $pid = start_process();
    emit("trouble", $tid, "text=fork: $!") if !defined $pid;
    return $pid if !defined $pid || $pid;
    $SIG{ALRM} = "DEFAULT";
    alarm(POSIX::ceil($DEADLINE));
    eval { $work->(); 1 } or emit("trouble", $tid, "text=$@");
    leave(0);
}

# Forks. Whoever has started others hangs in no C function, and so can wait for them when told to end.
sub start_process {
    $SIG{TERM} = sub { leave(5) } if ($SIG{TERM} || "DEFAULT") eq "DEFAULT";
    my $pid = fork;
    $SIG{TERM} = "DEFAULT" if defined $pid && !$pid;
    return $pid;
}

# Ends this process after those that it started: the container's first process may never collect one whose parent is gone.
sub leave {
    wait;
    POSIX::_exit($_[0]);
}

# wait_for(END, READ, WRITE): which of these handles are ready, or none when END has come.
sub wait_for {
    my ($end, $read, $write) = @_;
    my ($in, $out) = ("", "");
    vec($in, fileno $_, 1) = 1 for @$read;
    vec($out, fileno $_, 1) = 1 for @$write;
    while (1) {
        my $left = $end - now();
        my $ready = select(my $in2 = $in, my $out2 = $out, undef, $left > 0 ? $left : 0);
        next if $ready < 0 && $! == Errno::EINTR();
        return if $ready <= 0;
        my @ready = ((grep { vec($in2, fileno $_, 1) } @$read), (grep { vec($out2, fileno $_, 1) } @$write));
        return @ready;
    }
}

sub lines_of {
    my ($path) = @_;
    open(my $file, "<", $path) or return ();
    my @lines = <$file>;
    close $file;
    return @lines;
}

sub libc_name {
    my $maps = join "", lines_of("/proc/self/maps");
    return "libc=musl" if $maps =~ /ld-musl|libc\.musl/;
    return $maps =~ m{/libc[.-][^/\n]*so} ? "libc=glibc" : ();
}

sub is_literal {
    my ($host) = @_;
    return $host =~ /:/ || ($host =~ /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/ && !grep { $_ > 255 } $1, $2, $3, $4);
}

sub first { my ($most, @list) = @_; return @list > $most ? @list[0 .. $most - 1] : @list }

sub resolver_config {
    my ($ndots, @servers, @search, @options) = (1);
    my @lines = lines_of("/etc/resolv.conf");
    emit("limit", "-", "code=no_resolv_conf") if !@lines && !-r "/etc/resolv.conf";
    for my $line (@lines) {
        my ($key, @words) = split " ", $line;
        next if !@words;
        push @servers, $words[0] if $key eq "nameserver";
        @search = @words if $key eq "search" || $key eq "domain";
        next if $key ne "options";
        for (@words) { if (/^ndots:(\d+)$/) { $ndots = $1 } else { push @options, $_ } }
    }
    my @fields = ((map { "nameserver=$_" } first(8, @servers)), (map { "search=$_" } first(16, @search)), (map { "option=$_" } first(16, @options)));
    emit("resolver", "-", "ndots=$ndots", @fields);
    return {servers => [@servers ? first(3, @servers) : "127.0.0.1"], search => [first(6, @search)], ndots => $ndots};
}

sub proxy_env {
    for my $name (map { ($_, lc $_) } qw(HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY)) {
        my $value = $ENV{$name};
        next if !defined $value || $value eq "";
        $value =~ s{^([^/]*://)?.*@}{$1}s;
        emit("env", "-", "name=$name", "value=$value");
    }
}

${PERL_LOOKUP}
${PERL_CONNECT}
${PERL_TLS}
${PERL_HTTP}

sub probe {
    my ($config, $tid, $host, $port, $tls, $path) = @_;
    my @proxy = is_excepted($host, $port) ? () : proxy_of($tls ? "https" : "http");
    background($tid, sub { ask_proxy($tid, $host, $port, @proxy) }) if @proxy;
    my @addresses = is_literal($host) ? ($host) : lookup($tid, $host, $port, $config);
    my $first = 1;
    connect_all([first($MAX_ADDRESSES, @addresses)], $port, {
        trying => sub { emit("trying", $tid, "addr=$_[0]") },
        result => sub {
            my ($address, $took, $error, $sock) = @_;
            emit("connect", $tid, "addr=$address", $took, $error ? "err=$error" : "ok=1");
            return if !$sock || !$first || !($tls || $path ne "-");
            $first = 0;
            background($tid, sub { beyond($tid, $host, $port, $tls, $path, $address, $sock) });
        },
    });
}

# What comes after the connection: TLS, then HTTP on the same one.
sub beyond {
    my ($tid, $host, $port, $tls, $path, $address, $sock) = @_;
    my $talk = plain_talk($sock);
    if ($tls) {
        return if !$TLS;
        $talk = check_tls($tid, $host, $port, $address, $sock) or return;
    }
    check_http($tid, $host, $port, $tls, $path, $address, $talk) if $path ne "-";
}

# Ends everything that was started: it is all in one process group. Each ends after those that it started, the first last.
sub finish {
    POSIX::_exit(5) if !$GROUP;
    if ($GROUP == $$) {
        $SIG{TERM} = "IGNORE";
        $SIG{ALRM} = sub { kill "KILL", -$GROUP };
        alarm(1);
        kill "TERM", -$GROUP;
        wait;
        POSIX::_exit(5);
    }
    kill "KILL", -$GROUP;
}

# Passes on the records of the others until the last of them has ended, the caller is gone, or time is up.
sub relay_records {
    my ($from, $end) = @_;
    my ($buffer, %begun) = ("");
    while (my @ready = wait_for($end, [\*STDIN, $from], [])) {
        finish() if (grep { $_ == \*STDIN } @ready) && !sysread(STDIN, my $ignored, 65536);
        next if !grep { $_ == $from } @ready;
        sysread($from, $buffer, 65536, length $buffer) or return;
        while (length $buffer >= 7) {
            my ($pid, $more, $size) = unpack("NCn", $buffer);
            last if length $buffer < 7 + $size;
            $begun{$pid} .= substr(substr($buffer, 0, 7 + $size, ""), 7);
            put(\*STDOUT, delete $begun{$pid}) if !$more;
        }
    }
    finish();
}

sub main {
    my $end = now() + $DEADLINE;
    setpgrp(0, 0);
    $GROUP = $$ if getpgrp() == $$;
    $SIG{$_} = \&finish for qw(ALRM TERM);
    alarm(POSIX::ceil($DEADLINE) + 1);
    emit("hello", "-", "rung=perl", sprintf("version=%vd", $^V), libc_name(), "time=" . time);
    emit("limit", "-", "code=ipv4_only") if !$LIBRARY;
    find_tls() if grep { $_->[3] eq "1" } @TARGETS;
    proxy_env();
    my $config = resolver_config();
    pipe(my $from, my $to) or die $!;
    for my $target (@TARGETS) {
        my ($tid, $host, $port, $tls, $path) = @$target;
        background($tid, sub {
            $PIPE = $to;
            close $from;
            probe($config, $tid, $host, $port, $tls eq "1", $path);
        });
    }
    close $to;
    relay_records($from, $end);
    wait;
    emit("done", "-");
    POSIX::_exit(0);
}

main();
`;

const START: readonly string[] = ['perl', '-f', '-e', LOADER];

export const PERL: Rung = {
  name: 'perl',
  detect: `perl -f -e '${NEEDS}'`,
  start: START,
  direct: [START],
  program: PROGRAM,
};
