//! Look up the servers that a domain announces (SRV records, RFC 2782) at this machine's nameservers. Nothing
//! depends on the response: it is shown to an administrator.

use std::cmp::Reverse;

use hickory_resolver::config::ServerOrderingStrategy;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{RData, RecordType};
use hickory_resolver::{ResolverBuilder, TokioResolver};
use tokio::time::{Duration, timeout};

/// For one nameserver, and for all of them.
const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(8);

/// The host names of `_ldap._tcp.<domain>`, the preferred ones first; or why there is no response.
pub async fn announced(domain: &str) -> Result<Vec<String>, String> {
    let resolver = TokioResolver::builder_tokio().map_err(|error| error.to_string())?;
    timeout(LONGEST, ask(resolver, domain)).await.unwrap_or(Err("no response in time".to_owned()))
}

async fn ask(
    mut resolver: ResolverBuilder<TokioRuntimeProvider>,
    domain: &str,
) -> Result<Vec<String>, String> {
    let options = resolver.options_mut();
    // whoever runs the doctor can repeat it
    (options.timeout, options.attempts) = (PATIENCE, 0);
    options.server_ordering_strategy = ServerOrderingStrategy::UserProvidedOrder;
    let resolver = resolver.build().map_err(|error| error.to_string())?;
    let name = format!("_ldap._tcp.{}.", domain.trim_end_matches('.'));
    let answer = match resolver.lookup(name, RecordType::SRV).await {
        Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
        answer => answer.map_err(|error| error.to_string())?,
    };
    let records = answer.answers().iter().filter_map(|record| match &record.data {
        RData::SRV(server) => Some(server),
        _ => None,
    });
    hosts(records.collect())
}

/// The targets in the order of RFC 2782: by priority, and of one priority by weight.
fn hosts(mut servers: Vec<&SRV>) -> Result<Vec<String>, String> {
    servers.sort_by_key(|server| (server.priority, Reverse(server.weight)));
    let mut hosts = Vec::with_capacity(servers.len());
    // a single dot means that the service does not exist
    for server in servers.into_iter().filter(|server| !server.target.is_root()) {
        let host = server.target.to_ascii().trim_end_matches('.').to_owned();
        if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            return Err("the response is not valid".to_owned());
        }
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    Ok(hosts)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hickory_resolver::Resolver;
    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
    use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
    use hickory_resolver::proto::rr::{Name, Record};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, UdpSocket};

    use super::*;

    fn server(priority: u16, weight: u16, target: &str) -> SRV {
        SRV::new(priority, weight, 389, Name::from_ascii(target).expect("a name"))
    }

    #[test]
    fn the_preferred_servers_come_first_and_each_once() {
        let table = [
            server(10, 0, "c.x.y."),
            server(0, 5, "b.x.y."),
            server(0, 0, "b.x.y."),
            server(0, 90, "a.x.y."),
            server(0, 0, "."),
        ];
        let expected = ["a.x.y", "b.x.y", "c.x.y"].map(str::to_owned).to_vec();
        assert_eq!(hosts(table.iter().collect()), Ok(expected));
        let escape = Name::from_labels([&b"a\x1b"[..], b"x", b"y"]).expect("a name");
        assert!(hosts(vec![&SRV::new(0, 0, 389, escape)]).is_err(), "no control character is shown");
    }

    /// A nameserver on loopback that sends what fits into a datagram, and everything over TCP.
    async fn nameserver(
        code: ResponseCode,
        servers: Vec<SRV>,
    ) -> (ResolverBuilder<TokioRuntimeProvider>, impl Future<Output = ()>) {
        let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = tcp.local_addr().expect("an address").port();
        let udp = UdpSocket::bind(("127.0.0.1", port)).await.expect("the same port");
        let connection = |mut config: ConnectionConfig| {
            config.port = port;
            config
        };
        let connections = vec![connection(ConnectionConfig::udp()), connection(ConnectionConfig::tcp())];
        let nameserver = NameServerConfig::new(Ipv4Addr::LOCALHOST.into(), true, connections);
        let config = ResolverConfig::from_name_servers(vec![nameserver]);
        let answering = async move {
            let mut query = [0; 512];
            let (read, from) = udp.recv_from(&mut query).await.expect("a query");
            let whole = answer(&query[..read], code, &servers);
            let fits = whole.len() <= 1_232;
            let first = if fits { whole } else { truncated(&query[..read]) };
            udp.send_to(&first, from).await.expect("sent");
            if !fits {
                let (mut client, _) = tcp.accept().await.expect("a connection");
                let mut query = vec![0; client.read_u16().await.expect("a length").into()];
                client.read_exact(&mut query).await.expect("the query again");
                let whole = answer(&query, code, &servers);
                let length = u16::try_from(whole.len()).expect("short");
                client.write_all(&[&length.to_be_bytes(), whole.as_slice()].concat()).await.expect("sent");
            }
        };
        (Resolver::builder_with_config(config, TokioRuntimeProvider::default()), answering)
    }

    fn answer(query: &[u8], code: ResponseCode, servers: &[SRV]) -> Vec<u8> {
        let query = Message::from_vec(query).expect("a query");
        let asked = query.queries.first().expect("a question");
        assert_eq!(asked.name().to_ascii(), "_ldap._tcp.x.y.");
        let mut answer = Message::response(query.metadata.id, OpCode::Query);
        answer.metadata.response_code = code;
        answer.add_query(asked.clone());
        let record = |server: &SRV| Record::from_rdata(asked.name().clone(), 60, RData::SRV(server.clone()));
        answer.add_answers(servers.iter().map(record));
        answer.to_vec().expect("a message")
    }

    fn truncated(query: &[u8]) -> Vec<u8> {
        let mut bytes = answer(query, ResponseCode::NoError, &[]);
        bytes[2] |= 0x02;
        bytes
    }

    async fn asked(code: ResponseCode, servers: Vec<SRV>) -> Result<Vec<String>, String> {
        let (resolver, answering) = nameserver(code, servers).await;
        tokio::join!(ask(resolver, "x.y"), answering).0
    }

    #[tokio::test]
    async fn a_nameserver_is_queried() {
        let found = asked(ResponseCode::NoError, vec![server(0, 100, "dc1.x.y.")]).await;
        assert_eq!(found, Ok(vec!["dc1.x.y".to_owned()]));
        assert_eq!(asked(ResponseCode::NXDomain, Vec::new()).await, Ok(Vec::new()));
        assert!(asked(ResponseCode::Refused, Vec::new()).await.is_err());
    }

    #[tokio::test]
    async fn more_servers_than_fit_into_a_datagram_are_all_found() {
        let many = (0..100).map(|n| server(0, 100, &format!("dc{n}.a-long-name-of-a-site.x.y."))).collect();
        assert_eq!(asked(ResponseCode::NoError, many).await.map(|found| found.len()), Ok(100));
    }
}
