//! Fragmented datagrams.

use etherparse::{IpFragOffset, Ipv4Header, Ipv6FragmentHeader, PacketBuilder, PacketBuilderStep};

use super::{MICROSECONDS, Order, TEXT, call, ip, read};

/// The datagram of a message, split at a multiple of 8.
pub(super) fn pieces(text: &[u8], at: usize) -> (Vec<u8>, Vec<u8>) {
    let datagram = ip(text)[20..].to_vec();
    (datagram[..at].to_vec(), datagram[at..].to_vec())
}

pub(super) fn fragment(payload: &[u8], offset: u16, has_more: bool, id: u16) -> Vec<u8> {
    let mut header = Ipv4Header::new(
        u16::try_from(payload.len()).unwrap(),
        64,
        etherparse::IpNumber::UDP,
        [198, 18, 0, 1],
        [198, 18, 0, 2],
    )
    .unwrap();
    header.identification = id;
    header.fragment_offset = IpFragOffset::try_new(offset / 8).unwrap();
    header.more_fragments = has_more;
    header.header_checksum = header.calc_header_checksum();
    let mut bytes = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    header.write(&mut bytes).unwrap();
    bytes.extend(payload);
    bytes
}

pub(super) fn fragment_6(payload: &[u8], offset: u16, has_more: bool) -> Vec<u8> {
    let address = |last| [0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    let fragment = Ipv6FragmentHeader {
        next_header: etherparse::IpNumber::UDP,
        fragment_offset: IpFragOffset::try_new(offset / 8).unwrap(),
        more_fragments: has_more,
        identification: 7,
    };
    let mut body = fragment.to_bytes().to_vec();
    body.extend(payload);
    let builder: PacketBuilderStep<_> =
        PacketBuilder::ethernet2([0; 6], [0; 6]).ipv6(address(1), address(2), 64);
    let mut bytes = Vec::new();
    builder
        .write(
            &mut bytes,
            etherparse::IpNumber::IPV6_FRAGMENTATION_HEADER,
            &body,
        )
        .unwrap();
    bytes
}

#[test]
fn fragments_are_put_together_in_any_order() {
    let long = TEXT.replace("\r\n\r\n", &format!("\r\nX: {}\r\n\r\n", "y".repeat(2000)));
    let (first, second) = pieces(long.as_bytes(), 1480);
    let (one, two) = (
        fragment(&first, 0, true, 1),
        fragment(&second, 1480, false, 1),
    );
    let other = fragment(&first, 0, true, 2);
    for packets in [
        [one.clone(), other.clone(), two.clone()],
        [two, other, one.clone()],
    ] {
        let capture = read(&Order::Little.pcap(MICROSECONDS, 1, &packets)[..]).unwrap();
        assert_eq!(capture.calls.len(), 1);
        assert_eq!(capture.calls[0].text, long.as_bytes());
        assert_eq!(capture.calls[0].frame.as_ref(), Some(&one));
        assert_eq!(capture.calls[0].packet, 3);
        assert_eq!(capture.counts.lost_fragments, 1);
    }
    let packets = [
        fragment_6(&second, 1480, false),
        fragment_6(&first, 0, true),
    ];
    assert_eq!(
        call(&Order::Little.pcap(MICROSECONDS, 1, &packets)).text,
        long.as_bytes()
    );
}

#[test]
fn a_flood_of_fragments_does_not_fill_the_memory() {
    let packets: Vec<Vec<u8>> = (0..5000)
        .map(|id| fragment(&[0; 64], 0, true, id))
        .collect();
    let capture = read(&Order::Little.pcap(MICROSECONDS, 1, &packets)[..]).unwrap();
    assert_eq!(
        (capture.calls.len(), capture.counts.lost_fragments),
        (0, 5000)
    );
}
