/** The part of `programs/perl.ts` that connects to several addresses side by side, never to a metadata address. */
import { METADATA_V4, METADATA_V6 } from './metadata-addresses.ts';

export const PERL_CONNECT = String.raw`# The bytes of an address; of IPv6 ones that hold an IPv4 address (mapped, NAT64) the last four are compared as well.
sub bytes_of {
    my ($place) = @_;
    return (unpack_sockaddr_in($place))[1] if sockaddr_family($place) == AF_INET;
    return substr($place, 8, 16);
}

sub is_metadata {
    my ($place) = @_;
    my $bytes = bytes_of($place);
    for my $forbidden (map { bytes_of($_) } grep { $_ } map { place($_, 80) } qw(${METADATA_V4} ${METADATA_V6})) {
        return 1 if $bytes eq $forbidden || (length $forbidden == 4 && substr($bytes, -4) eq $forbidden);
    }
    return 0;
}

# connect_all(ADDRESSES, PORT, {trying, result, mss}): result gets the address, the time taken, and an error name or the socket.
sub connect_all {
    my ($addresses, $port, $how) = @_;
    my $tell = $how->{result};
    my $end = now() + $CONNECT;
    my @waiting;
    for my $address (@$addresses) {
        my $start = now();
        $how->{trying}->($address) if $how->{trying};
        my $place = place($address, $port);
        # An old perl cannot reach IPv6: that is not the network's fault.
        if (!$place || is_metadata($place)) { $tell->($address, ms($start), $place ? "metadata" : "EINVAL") if $place || $LIBRARY; next }
        my ($sock, $error) = begin($place, SOCK_STREAM, $how->{mss});
        if ($sock) { push @waiting, {sock => $sock, address => $address, start => $start} }
        else { $tell->($address, ms($start), $error) }
    }
    while (@waiting) {
        my @ready = wait_for($end, [], [map { $_->{sock} } @waiting]);
        for my $one (@waiting) {
            next if @ready && !grep { $_ == $one->{sock} } @ready;
            my $error = @ready ? unpack("i", getsockopt($one->{sock}, SOL_SOCKET, SO_ERROR)) : Errno::ETIMEDOUT();
            $tell->($one->{address}, ms($one->{start}), $error ? errname($error) : "", $error ? undef : $one->{sock});
            $one->{over} = 1;
        }
        @waiting = grep { !$_->{over} } @waiting;
    }
}
`;
