#!/bin/sh
# A real Dovecot behind a real Postfix, for one test run: start.sh <folder> <imap port> <smtp port>. Needs root, and the packages
# dovecot-imapd, dovecot-lmtpd and postfix. Mail to anybody@test.local, @example.test or @other.test lands in that person's mailbox;
# everybody's password is "pw".
set -e
folder="$1" imap="$2" smtp="$3"
mkdir -p "$folder/run" "$folder/mail" "$folder/postfix" "$folder/spool" "$folder/data"
chmod 755 "$folder"
id vmail >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin vmail
chown vmail:vmail "$folder/mail"
chown postfix "$folder/data"

cat >"$folder/dovecot.conf" <<EOF
base_dir = $folder/run
state_dir = $folder/run
log_path = $folder/dovecot.log
listen = 127.0.0.1
protocols = imap lmtp
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:$folder/mail/%u
first_valid_uid = 1
mail_max_userip_connections = 100
passdb {
  driver = static
  args = password=pw
}
userdb {
  driver = static
  args = uid=vmail gid=vmail home=$folder/mail/%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
}
service imap-login {
  inet_listener imap {
    port = $imap
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  unix_listener lmtp {
    mode = 0666
  }
}
EOF

cat >"$folder/postfix/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $folder/spool
data_directory = $folder/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = $folder/postfix.log
maillog_file_prefixes = $folder
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.test.local
mydestination =
recipient_delimiter = +
local_recipient_maps =
virtual_mailbox_domains = test.local example.test other.test
virtual_mailbox_maps = static:1
virtual_transport = lmtp:unix:$folder/run/lmtp
default_transport = error:the world ends here
mynetworks = 127.0.0.0/8
message_size_limit = 52428800
# What could not be handed over is tried again at once.
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
transport_retry_time = 1s
EOF
cat >"$folder/postfix/master.cf" <<EOF
127.0.0.1:$smtp inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
EOF
dovecot -c "$folder/dovecot.conf"
postfix -c "$folder/postfix" start >/dev/null 2>&1
