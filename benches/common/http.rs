//! HTTP/1.1 on one kept-alive connection, as minimal as the provider's responses allow, since it shares the
//! machine with what is measured.

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

pub struct Http {
    host: String,
    stream: BufStream<TcpStream>,
}

pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Http {
    pub async fn connect(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { host: address.to_owned(), stream: BufStream::new(stream) })
    }

    /// GET with more header lines, each with its line end.
    pub async fn get(&mut self, path: &str, headers: &str) -> Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", self.host);
        self.exchange(&request).await.with_context(|| format!("GET {path}"))
    }

    /// POST of a form.
    pub async fn post(&mut self, path: &str, headers: &str, form: &[(&str, &str)]) -> Result<Answer> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n{headers}\r\n{body}",
            self.host,
            body.len()
        );
        self.exchange(&request).await.with_context(|| format!("POST {path}"))
    }

    /// Any request with this body and more header lines, each with its line end.
    pub async fn send(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Result<Answer> {
        let (host, length) = (&self.host, body.len());
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n");
        let request = format!("{head}{headers}\r\n{body}");
        self.exchange(&request).await.with_context(|| format!("{method} {path}"))
    }

    async fn exchange(&mut self, request: &str) -> Result<Answer> {
        self.stream.write_all(request.as_bytes()).await?;
        self.stream.flush().await?;
        let status = self.line().await?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).context(status.clone())?;
        let mut answer = Answer { status, headers: Vec::new(), body: String::new() };
        while let Some((name, value)) = self.line().await?.split_once(": ") {
            answer.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let length: usize = answer.header("content-length").context("an answer without a length")?.parse()?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        answer.body = String::from_utf8(body)?;
        Ok(answer)
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.stream.read_line(&mut line).await? > 0, "the connection was closed");
        line.truncate(line.trim_end().len());
        Ok(line)
    }
}

impl Answer {
    /// The response, if it has this status.
    pub fn expect(self, status: u16) -> Result<Self> {
        if self.status != status {
            bail!("{} instead of {status}: {}", self.status, self.body);
        }
        Ok(self)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The `name=value` of a cookie that the response sets.
    pub fn cookie(&self, name: &str) -> Result<&str> {
        let set = self.headers.iter().filter(|(key, _)| key == "set-cookie");
        let mut pairs = set.filter_map(|(_, value)| value.split(';').next());
        pairs.find(|pair| pair.split('=').next() == Some(name)).with_context(|| format!("no cookie {name}"))
    }

    /// The value of a hidden field of the page.
    pub fn field(&self, name: &str) -> Result<&str> {
        let marker = format!("name=\"{name}\" value=\"");
        let rest = self.body.split_once(&marker).map(|(_, rest)| rest);
        rest.and_then(|rest| rest.split('"').next())
            .with_context(|| format!("no field {name}: {}", self.body))
    }
}
