//! What phones and what stands between them offer.

pub(super) const BARESIP: &str = "
    v=0
    o=- 3908523472 1247293112 IN IP4 192.0.2.20
    s=-
    c=IN IP4 192.0.2.20
    t=0 0
    a=tool:baresip 2.0.0
    m=audio 23456 RTP/AVP 96 97 0 8 101
    b=AS:125
    a=rtpmap:96 opus/48000/2
    a=fmtp:96 stereo=1;sprop-stereo=1
    a=rtpmap:97 G722/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-15
    a=rtcp:23457
    a=sendrecv
    a=label:1
    a=rtcp-rsize
    a=ssrc:3405691582 cname:sip:alice@192.0.2.20
    a=ptime:20";

pub(super) const SIPP: &str = "
    v=0
    o=user1 53655765 2353687637 IN IP4 127.0.0.1
    s=-
    c=IN IP4 127.0.0.1
    t=0 0
    m=audio 6000 RTP/AVP 0
    a=rtpmap:0 PCMU/8000";

pub(super) const ASTERISK: &str = "
    v=0
    o=- 1512341344 1512341344 IN IP4 198.51.100.7
    s=Asterisk
    c=IN IP4 198.51.100.7
    t=0 0
    m=audio 17320 RTP/AVP 8 0 3 9 101
    a=rtpmap:8 PCMA/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:3 GSM/8000
    a=rtpmap:9 G722/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-16
    a=ptime:20
    a=maxptime:140
    a=sendrecv";

pub(super) const RTPENGINE: &str = "
    v=0
    o=jdoe 2890844526 2890842807 IN IP4 203.0.113.5
    s=SDP Seminar
    t=2873397496 2873404696
    m=audio 30012 RTP/AVP 8 100
    c=IN IP4 203.0.113.5
    a=rtpmap:8 PCMA/8000
    a=rtpmap:100 telephone-event/8000
    a=fmtp:100 0-15
    a=sendrecv
    a=rtcp:30013
    a=rtcp-mux
    a=ice-ufrag:kPJlBsVD
    a=ice-pwd:pwQ5Uhz0sIUBiHxCDIqTdVP8
    a=candidate:1 1 UDP 2130706431 203.0.113.5 30012 typ host
    a=candidate:1 2 UDP 2130706430 203.0.113.5 30013 typ host
    a=end-of-candidates";

pub(super) const CISCO: &str = "
    v=0
    o=CiscoSystemsCCM-SIP 161095 1 IN IP4 10.20.30.40
    s=SIP Call
    c=IN IP4 10.20.30.41
    b=TIAS:64000
    b=AS:64
    t=0 0
    m=audio 21584 RTP/AVP 114 9 124 18 4 116 102 8 0 101 13 19
    b=TIAS:64000
    a=rtpmap:114 opus/48000/2
    a=rtpmap:9 G722/8000
    a=rtpmap:124 ISAC/16000
    a=rtpmap:18 G729/8000
    a=fmtp:18 annexb=no
    a=rtpmap:4 G723/8000
    a=fmtp:4 bitrate=5.3;annexa=yes
    a=rtpmap:116 iLBC/8000
    a=fmtp:116 mode=20
    a=rtpmap:102 L16/16000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-15
    a=rtpmap:13 CN/8000
    a=rtpmap:19 CN/8000";

pub(super) const FAX: &str = "
    v=0
    o=gw 1 1 IN IP4 192.0.2.30
    s=-
    c=IN IP4 192.0.2.30
    t=0 0
    m=image 5000 udptl t38
    a=T38FaxVersion:0
    a=T38MaxBitRate:14400
    m=audio 4000 RTP/AVP 8
    m=video 4002 RTP/AVP 99
    a=rtpmap:99 H264/90000";

pub(super) const IPV6: &str = "
    v=0
    o=- 1 1 IN IP6 2001:db8::1
    s=-
    c=IN IP6 2001:db8::1
    t=0 0
    m=audio 5004 RTP/AVP 0 8
    a=rtpmap:0 PCMU/8000
    a=rtpmap:8 PCMA/8000";
