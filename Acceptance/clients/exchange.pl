#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
#
# Sends the requests on standard input with one LWP::UserAgent, one after the other.
#
# A line is a method, a URL, the file to send and the file to write, or - for none, and any number of headers as name=value, the
# value percent-encoded. Transfer-Encoding does not tell the body's length. An answer is printed as its status, its ETag and the
# seconds it took; what LWP answers itself, because the server did not, as the word "failed" and its reason.
use strict;
use warnings;

use LWP::UserAgent;
use Time::HiRes qw(time);
use URI::Escape qw(uri_unescape);

my $agent = LWP::UserAgent->new(keep_alive => 1, timeout => 30);
$| = 1;

while (my $line = <STDIN>) {
    chomp $line;
    my ($method, $url, $source, $target, @fields) = split / /, $line;
    my %headers = map { my ($name, $value) = split /=/, $_, 2; $name => uri_unescape($value) } @fields;
    my $has_length = !delete $headers{'Transfer-Encoding'};
    my $request = HTTP::Request->new($method, $url, [%headers]);
    if ($source ne '-') {
        open my $file, '<:raw', $source or die "$source: $!";
        # A body that is a function is streamed; LWP asks it for pieces until there are none.
        $request->content(sub { read $file, my $piece, 65_536; $piece });
        $request->header('Content-Length' => -s $source) if $has_length;
    }
    my $begun = time;
    my $answer = $target eq '-' ? $agent->request($request) : $agent->request($request, $target);
    my $seconds = time - $begun;
    if (($answer->header('Client-Warning') // '') eq 'Internal response' || $answer->header('X-Died')) {
        print 'failed ', $answer->header('X-Died') // $answer->status_line, "\n";
        next;
    }
    printf "%d %s %.1f\n", $answer->code, $answer->header('ETag') // '-', $seconds;
}
