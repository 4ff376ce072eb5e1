import Foundation
import TestSupport

/// Postfix with a configuration, queue and mailbox of its own on a port of loopback; STARTTLS is required. Its master must
/// be started as root.
final class PostfixServer: Sendable {
    static let isPossible = getuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/sbin/postfix")
    let port: Int
    let box: String
    private let configuration: String
    private let program: ServerProgram

    init(_ system: TestSystem, certificate: String, key: String) throws {
        let folder = "\(Places.folder)/postfix-\(UUID().uuidString.prefix(8))"
        configuration = folder + "/etc"
        box = folder + "/mail/box/new"
        port = ServerProgram.freePort()
        let files = FileManager.default
        for part in ["etc", "queue", "data", "mail"] {
            try files.createDirectory(
                atPath: "\(folder)/\(part)", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        }
        let nobody = getpwnam("nobody").pointee
        chown(folder + "/data", getpwnam("postfix").pointee.pw_uid, getgid())
        chown(folder + "/mail", nobody.pw_uid, nobody.pw_gid)
        try """
        compatibility_level = 3.6
        queue_directory = \(folder)/queue
        data_directory = \(folder)/data
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        mynetworks = 127.0.0.0/8
        mydestination =
        myhostname = mail.test
        virtual_mailbox_domains = static:all
        virtual_mailbox_maps = static:box/
        virtual_mailbox_base = \(folder)/mail
        virtual_uid_maps = static:\(nobody.pw_uid)
        virtual_gid_maps = static:\(nobody.pw_gid)
        smtpd_relay_restrictions = permit_mynetworks, reject
        smtpd_recipient_restrictions =
        smtpd_tls_cert_file = \(certificate)
        smtpd_tls_key_file = \(key)
        smtpd_tls_security_level = encrypt
        maillog_file = \(folder)/log
        maillog_file_prefixes = \(folder)

        """.write(toFile: configuration + "/main.cf", atomically: true, encoding: .utf8)
        let services = [
            "127.0.0.1:\(port) inet n - n - - smtpd", "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr",
            "tlsmgr unix - - n 1000? 1 tlsmgr", "rewrite unix - - n - - trivial-rewrite",
            "bounce unix - - n - 0 bounce",
            "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "error unix - - n - - error",
            "retry unix - - n - - error", "proxymap unix - - n - - proxymap", "virtual unix - n n - - virtual",
            "anvil unix - - n - 1 anvil", "postlog unix-dgram n - n - 1 postlogd",
        ]
        try (services.joined(separator: "\n") + "\n")
            .write(toFile: configuration + "/master.cf", atomically: true, encoding: .utf8)
        program = try ServerProgram(
            "/usr/sbin/postfix", ["-c", configuration, "start-fg"], port: port, output: folder + "/start")
    }

    /// Its master ends its own processes in order.
    deinit { program.process.signal(SIGTERM) }
}

/// Dovecot's submission server: STARTTLS and a login, and Postfix behind it.
final class SubmissionServer: Sendable {
    let port: Int
    private let program: ServerProgram

    init(_ system: TestSystem, relay: Int, certificate: String, key: String, user: String, password: String) throws {
        let folder = "\(Places.folder)/dovecot-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        port = ServerProgram.freePort()
        let nobody = getpwnam("nobody").pointee
        try """
        protocols = submission
        base_dir = \(folder)/run
        instance_name = test
        listen = 127.0.0.1
        log_path = \(folder)/log
        ssl = required
        ssl_cert = <\(certificate)
        ssl_key = <\(key)
        auth_mechanisms = plain login
        auth_failure_delay = 0
        first_valid_uid = 1
        mail_location = maildir:\(folder)/home
        submission_relay_host = 127.0.0.1
        submission_relay_port = \(relay)
        submission_relay_ssl = starttls
        submission_relay_ssl_verify = no
        hostname = mail.test
        passdb {
          driver = static
          args = user=\(user) password=\(password)
        }
        userdb {
          driver = static
          args = uid=\(nobody.pw_uid) gid=\(nobody.pw_gid) home=\(folder)/home
        }
        service submission-login {
          inet_listener submission {
            port = \(port)
          }
        }

        """.write(toFile: folder + "/dovecot.conf", atomically: true, encoding: .utf8)
        program = try ServerProgram(
            "/usr/sbin/dovecot", ["-F", "-c", folder + "/dovecot.conf"], port: port, output: folder + "/start")
    }

    deinit { program.process.signal(SIGTERM) }
}
