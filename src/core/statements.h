/* The statement tables of this folder. Each file registers its own; core_register_statements calls
 * them all. */
#ifndef CORE_STATEMENTS_H
#define CORE_STATEMENTS_H

void account_statements(void);
void activity_statements(void);
void audit_chain_statements(void);
void audit_list_statements(void);
void audit_read_statements(void);
void audit_statements(void);
void check_statements(void);
void daily_statements(void);
void directory_statements(void);
void erasure_statements(void);
void export_statements(void);
void follow_statements(void);
void health_statements(void);
void idempotency_statements(void);
void login_statements(void);
void moderation_statements(void);
void notification_statements(void);
void password_statements(void);
void preference_statements(void);
void roster_statements(void);
void secret_statements(void);
void session_housekeeping_statements(void);
void session_list_statements(void);
void session_refresh_statements(void);
void session_statements(void);
void setup_statements(void);
void stats_statements(void);
void throttle_statements(void);
void token_statements(void);
void wall_statements(void);

#endif
