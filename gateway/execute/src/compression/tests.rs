use super::*;

fn inflated(coding: Coding, limit: u64, pieces: &[&[u8]]) -> Result<Vec<u8>, Broken> {
    let mut inflater = Inflater::new(coding, limit);
    pieces.iter().try_for_each(|piece| inflater.feed(piece))?;
    inflater.finish().map(Vec::from)
}

fn text() -> Vec<u8> {
    (0..20_000_u32).flat_map(|number| number.to_string().into_bytes()).collect()
}

#[test]
fn what_was_compressed_comes_back_whole() {
    for coding in [Coding::Gzip, Coding::Deflate] {
        for body in [text(), b"x".to_vec(), vec![0; 300_000]] {
            let compressed = deflate(coding, &body).unwrap();
            assert_eq!(inflated(coding, 1 << 20, &[&compressed]), Ok(body.clone()));
            let bytes: Vec<&[u8]> = compressed.chunks(1).collect();
            assert_eq!(inflated(coding, 1 << 20, &bytes), Ok(body));
        }
    }
}

#[test]
fn several_members_and_the_bare_format() {
    let member = deflate(Coding::Gzip, b"ab").unwrap();
    assert_eq!(inflated(Coding::Gzip, 10, &[&member, &member]), Ok(b"abab".to_vec()));
    let zlib = deflate(Coding::Deflate, b"some text").unwrap();
    let bare = zlib.get(2..zlib.len() - 4).unwrap();
    assert_eq!(inflated(Coding::Deflate, 10, &[bare]), Ok(b"some text".to_vec()));
}

#[test]
fn a_bomb_ends_at_the_limit() {
    let bomb = deflate(Coding::Gzip, &vec![0; 1 << 20]).unwrap();
    assert_eq!(inflated(Coding::Gzip, (1 << 20) - 1, &[&bomb]), Err(Broken::TooLarge));
    assert_eq!(inflated(Coding::Gzip, 1 << 20, &[&bomb]).map(|body| body.len()), Ok(1 << 20));
}

#[test]
fn what_is_not_coded_or_breaks_off_is_broken() {
    let whole = deflate(Coding::Gzip, &text()).unwrap();
    let half = whole.get(..whole.len() / 2).unwrap();
    let mut damaged = whole.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    let zlib = deflate(Coding::Deflate, b"text").unwrap();
    let rows: [(Coding, Vec<&[u8]>); 6] = [
        (Coding::Gzip, vec![b"{\"name\":\"a\"}"]),
        (Coding::Gzip, vec![half]),
        (Coding::Gzip, vec![&damaged]),
        (Coding::Gzip, vec![&zlib]),
        (Coding::Deflate, vec![&zlib, b"more"]),
        (Coding::Deflate, vec![b"{}"]),
    ];
    for (coding, pieces) in rows {
        assert_eq!(inflated(coding, 1 << 20, &pieces), Err(Broken::NotCoded), "{pieces:?}");
    }
}

#[test]
fn the_coding_that_the_client_likes_best() {
    let rows = [
        ("gzip", Some(Coding::Gzip)),
        ("gzip, deflate, br", Some(Coding::Gzip)),
        ("br, deflate", Some(Coding::Deflate)),
        ("gzip;q=0.5, deflate; q=0.8", Some(Coding::Deflate)),
        ("GZIP", Some(Coding::Gzip)),
        ("gzip;q=0", None),
        ("*", None),
        ("identity", None),
        ("", None),
    ];
    for (value, expected) in rows {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
        assert_eq!(accepted(&headers), expected, "{value}");
    }
    assert_eq!(accepted(&HeaderMap::new()), None);
}
