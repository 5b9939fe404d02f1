use super::*;
use std::collections::VecDeque;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A server that answers each request of each connection with these bytes, then closes it. It tells of each close.
async fn server(connections: Vec<Vec<Vec<u8>>>) -> (String, mpsc::UnboundedReceiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let (closed, closes) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut connections = VecDeque::from(connections);
        while let Some(answers) = connections.pop_front() {
            let (mut stream, _) = listener.accept().await.unwrap();
            for answer in answers {
                if request_head(&mut stream).await.is_none() {
                    break;
                }
                stream.write_all(&answer).await.unwrap();
            }
            drop(stream);
            closed.send(()).unwrap();
        }
    });
    (address, closes)
}

async fn request_head(stream: &mut TcpStream) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(())
}

fn request(uri: &str) -> HttpRequest {
    HttpRequest {
        method: http::Method::GET,
        uri: uri.to_owned(),
        headers: http::HeaderMap::new(),
        body: Body::EMPTY,
        vpc_link: None,
        verification: Verification::Full,
    }
}

async fn text(upstream: &Upstream, uri: &str) -> Result<String, HttpFailure> {
    let response = upstream.send(request(uri), None).await?;
    let body = response.body.read_limited(1024).await.map_err(HttpFailure::RequestBody)?;
    Ok(String::from_utf8(body.into()).unwrap())
}

#[tokio::test]
async fn bytes_after_a_response_answer_no_other_request() {
    let poisoned = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON";
    let good = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
    let (uri, _closes) = server(vec![vec![poisoned.to_vec()], vec![good.to_vec()]]).await;
    let upstream = Upstream::default();
    assert_eq!(text(&upstream, &uri).await, Ok("ok".to_owned()));
    assert_eq!(text(&upstream, &uri).await, Ok("good".to_owned()));
}

#[tokio::test]
async fn a_connection_that_the_server_has_closed_is_not_used_again() {
    let one = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none".to_vec();
    let two = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo".to_vec();
    let (uri, mut closes) = server(vec![vec![one], vec![two]]).await;
    let upstream = Upstream::default();
    assert_eq!(text(&upstream, &uri).await, Ok("one".to_owned()));
    closes.recv().await.unwrap();
    assert_eq!(text(&upstream, &uri).await, Ok("two".to_owned()));
}

#[tokio::test]
async fn what_is_no_response_is_a_network_failure() {
    let rows: [&[u8]; 4] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nokabc",
        b"HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b=1\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 20x OK\r\nContent-Length: 2\r\n\r\nok",
        b"nothing of the kind\r\n\r\n",
    ];
    for row in rows {
        let (uri, _closes) = server(vec![vec![row.to_vec()]]).await;
        let answer = text(&Upstream::default(), &uri).await;
        assert!(matches!(answer, Err(HttpFailure::Network(_))), "{}: {answer:?}", String::from_utf8_lossy(row));
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_body() {
    let short = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok".to_vec();
    let (uri, _closes) = server(vec![vec![short]]).await;
    let response = Upstream::default().send(request(&uri), None).await.unwrap();
    assert!(response.body.read_limited(1024).await.is_err());
}

#[tokio::test]
async fn interim_responses_are_passed_over() {
    let mut answer = b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(10_000);
    answer.extend_from_slice(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let (uri, _closes) = server(vec![vec![answer]]).await;
    assert_eq!(text(&Upstream::default(), &uri).await, Ok("ok".to_owned()));
}

#[tokio::test]
async fn a_target_stands_for_the_host_of_the_address() {
    let (target, _closes) = server(vec![vec![b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec()]]).await;
    let sent = request("http://nowhere.invalid:81/path?a=1");
    let response = Upstream::default().send(sent, Some(&target)).await.unwrap();
    assert_eq!(response.status, 200);
}
