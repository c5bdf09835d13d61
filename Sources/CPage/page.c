// The files of Sources/aifw-apid/Page/files, put into the program as they are (`#embed` of C23), so that there is nothing to
// install and nothing to be changed on the host. A new file is an array here and a row of the table below.
#include "page.h"

#define HTML "text/html; charset=utf-8"
#define STYLE "text/css; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define PICTURE "image/svg+xml"

static const unsigned char index_html[] = {
#embed "../aifw-apid/Page/files/index.html"
};
static const unsigned char style_css[] = {
#embed "../aifw-apid/Page/files/style.css"
};
static const unsigned char icon_svg[] = {
#embed "../aifw-apid/Page/files/icon.svg"
};
static const unsigned char app_js[] = {
#embed "../aifw-apid/Page/files/app.js"
};
static const unsigned char frame_js[] = {
#embed "../aifw-apid/Page/files/frame.js"
};
static const unsigned char log_in_js[] = {
#embed "../aifw-apid/Page/files/log-in.js"
};
static const unsigned char set_up_js[] = {
#embed "../aifw-apid/Page/files/set-up.js"
};
static const unsigned char lib_api_js[] = {
#embed "../aifw-apid/Page/files/lib/api.js"
};
static const unsigned char lib_chart_js[] = {
#embed "../aifw-apid/Page/files/lib/chart.js"
};
static const unsigned char lib_clipboard_js[] = {
#embed "../aifw-apid/Page/files/lib/clipboard.js"
};
static const unsigned char lib_csv_js[] = {
#embed "../aifw-apid/Page/files/lib/csv.js"
};
static const unsigned char lib_dialog_js[] = {
#embed "../aifw-apid/Page/files/lib/dialog.js"
};
static const unsigned char lib_element_js[] = {
#embed "../aifw-apid/Page/files/lib/element.js"
};
static const unsigned char lib_field_js[] = {
#embed "../aifw-apid/Page/files/lib/field.js"
};
static const unsigned char lib_form_js[] = {
#embed "../aifw-apid/Page/files/lib/form.js"
};
static const unsigned char lib_live_js[] = {
#embed "../aifw-apid/Page/files/lib/live.js"
};
static const unsigned char lib_menu_js[] = {
#embed "../aifw-apid/Page/files/lib/menu.js"
};
static const unsigned char lib_meter_js[] = {
#embed "../aifw-apid/Page/files/lib/meter.js"
};
static const unsigned char lib_notice_js[] = {
#embed "../aifw-apid/Page/files/lib/notice.js"
};
static const unsigned char lib_peer_lines_js[] = {
#embed "../aifw-apid/Page/files/lib/peer-lines.js"
};
static const unsigned char lib_problem_js[] = {
#embed "../aifw-apid/Page/files/lib/problem.js"
};
static const unsigned char lib_refresh_js[] = {
#embed "../aifw-apid/Page/files/lib/refresh.js"
};
static const unsigned char lib_router_js[] = {
#embed "../aifw-apid/Page/files/lib/router.js"
};
static const unsigned char lib_scopes_js[] = {
#embed "../aifw-apid/Page/files/lib/scopes.js"
};
static const unsigned char lib_secret_text_js[] = {
#embed "../aifw-apid/Page/files/lib/secret-text.js"
};
static const unsigned char lib_state_js[] = {
#embed "../aifw-apid/Page/files/lib/state.js"
};
static const unsigned char lib_table_js[] = {
#embed "../aifw-apid/Page/files/lib/table.js"
};
static const unsigned char lib_tabs_js[] = {
#embed "../aifw-apid/Page/files/lib/tabs.js"
};
static const unsigned char lib_traffic_panel_js[] = {
#embed "../aifw-apid/Page/files/lib/traffic-panel.js"
};
static const unsigned char lib_view_js[] = {
#embed "../aifw-apid/Page/files/lib/view.js"
};
static const unsigned char lib_words_js[] = {
#embed "../aifw-apid/Page/files/lib/words.js"
};
static const unsigned char views_association_details_js[] = {
#embed "../aifw-apid/Page/files/views/association-details.js"
};
static const unsigned char views_association_form_js[] = {
#embed "../aifw-apid/Page/files/views/association-form.js"
};
static const unsigned char views_association_terms_js[] = {
#embed "../aifw-apid/Page/files/views/association-terms.js"
};
static const unsigned char views_audit_changes_js[] = {
#embed "../aifw-apid/Page/files/views/audit-changes.js"
};
static const unsigned char views_audit_js[] = {
#embed "../aifw-apid/Page/files/views/audit.js"
};
static const unsigned char views_backup_make_js[] = {
#embed "../aifw-apid/Page/files/views/backup-make.js"
};
static const unsigned char views_backup_passphrase_js[] = {
#embed "../aifw-apid/Page/files/views/backup-passphrase.js"
};
static const unsigned char views_backup_restore_js[] = {
#embed "../aifw-apid/Page/files/views/backup-restore.js"
};
static const unsigned char views_backup_js[] = {
#embed "../aifw-apid/Page/files/views/backup.js"
};
static const unsigned char views_far_end_js[] = {
#embed "../aifw-apid/Page/files/views/far-end.js"
};
static const unsigned char views_ipsec_js[] = {
#embed "../aifw-apid/Page/files/views/ipsec.js"
};
static const unsigned char views_overview_js[] = {
#embed "../aifw-apid/Page/files/views/overview.js"
};
static const unsigned char views_peer_acts_js[] = {
#embed "../aifw-apid/Page/files/views/peer-acts.js"
};
static const unsigned char views_peer_bulk_js[] = {
#embed "../aifw-apid/Page/files/views/peer-bulk.js"
};
static const unsigned char views_peer_config_js[] = {
#embed "../aifw-apid/Page/files/views/peer-config.js"
};
static const unsigned char views_peer_details_js[] = {
#embed "../aifw-apid/Page/files/views/peer-details.js"
};
static const unsigned char views_peer_form_js[] = {
#embed "../aifw-apid/Page/files/views/peer-form.js"
};
static const unsigned char views_peer_preview_js[] = {
#embed "../aifw-apid/Page/files/views/peer-preview.js"
};
static const unsigned char views_peer_rates_js[] = {
#embed "../aifw-apid/Page/files/views/peer-rates.js"
};
static const unsigned char views_peer_rows_js[] = {
#embed "../aifw-apid/Page/files/views/peer-rows.js"
};
static const unsigned char views_peer_watch_js[] = {
#embed "../aifw-apid/Page/files/views/peer-watch.js"
};
static const unsigned char views_peers_js[] = {
#embed "../aifw-apid/Page/files/views/peers.js"
};
static const unsigned char views_rules_js[] = {
#embed "../aifw-apid/Page/files/views/rules.js"
};
static const unsigned char views_tokens_js[] = {
#embed "../aifw-apid/Page/files/views/tokens.js"
};
static const unsigned char views_tunnel_acts_js[] = {
#embed "../aifw-apid/Page/files/views/tunnel-acts.js"
};
static const unsigned char views_tunnel_defaults_js[] = {
#embed "../aifw-apid/Page/files/views/tunnel-defaults.js"
};
static const unsigned char views_tunnel_form_js[] = {
#embed "../aifw-apid/Page/files/views/tunnel-form.js"
};
static const unsigned char views_tunnel_import_js[] = {
#embed "../aifw-apid/Page/files/views/tunnel-import.js"
};
static const unsigned char views_tunnel_js[] = {
#embed "../aifw-apid/Page/files/views/tunnel.js"
};
static const unsigned char views_user_form_js[] = {
#embed "../aifw-apid/Page/files/views/user-form.js"
};
static const unsigned char views_user_totp_js[] = {
#embed "../aifw-apid/Page/files/views/user-totp.js"
};
static const unsigned char views_users_js[] = {
#embed "../aifw-apid/Page/files/views/users.js"
};
static const unsigned char views_wireguard_js[] = {
#embed "../aifw-apid/Page/files/views/wireguard.js"
};

#define CONTENT(array) array, sizeof array

static const struct page_file table[] = {
    {"index.html", HTML, CONTENT(index_html)},
    {"style.css", STYLE, CONTENT(style_css)},
    {"icon.svg", PICTURE, CONTENT(icon_svg)},
    {"app.js", SCRIPT, CONTENT(app_js)},
    {"frame.js", SCRIPT, CONTENT(frame_js)},
    {"log-in.js", SCRIPT, CONTENT(log_in_js)},
    {"set-up.js", SCRIPT, CONTENT(set_up_js)},
    {"lib/api.js", SCRIPT, CONTENT(lib_api_js)},
    {"lib/chart.js", SCRIPT, CONTENT(lib_chart_js)},
    {"lib/clipboard.js", SCRIPT, CONTENT(lib_clipboard_js)},
    {"lib/csv.js", SCRIPT, CONTENT(lib_csv_js)},
    {"lib/dialog.js", SCRIPT, CONTENT(lib_dialog_js)},
    {"lib/element.js", SCRIPT, CONTENT(lib_element_js)},
    {"lib/field.js", SCRIPT, CONTENT(lib_field_js)},
    {"lib/form.js", SCRIPT, CONTENT(lib_form_js)},
    {"lib/live.js", SCRIPT, CONTENT(lib_live_js)},
    {"lib/menu.js", SCRIPT, CONTENT(lib_menu_js)},
    {"lib/meter.js", SCRIPT, CONTENT(lib_meter_js)},
    {"lib/notice.js", SCRIPT, CONTENT(lib_notice_js)},
    {"lib/peer-lines.js", SCRIPT, CONTENT(lib_peer_lines_js)},
    {"lib/problem.js", SCRIPT, CONTENT(lib_problem_js)},
    {"lib/refresh.js", SCRIPT, CONTENT(lib_refresh_js)},
    {"lib/router.js", SCRIPT, CONTENT(lib_router_js)},
    {"lib/scopes.js", SCRIPT, CONTENT(lib_scopes_js)},
    {"lib/secret-text.js", SCRIPT, CONTENT(lib_secret_text_js)},
    {"lib/state.js", SCRIPT, CONTENT(lib_state_js)},
    {"lib/table.js", SCRIPT, CONTENT(lib_table_js)},
    {"lib/tabs.js", SCRIPT, CONTENT(lib_tabs_js)},
    {"lib/traffic-panel.js", SCRIPT, CONTENT(lib_traffic_panel_js)},
    {"lib/view.js", SCRIPT, CONTENT(lib_view_js)},
    {"lib/words.js", SCRIPT, CONTENT(lib_words_js)},
    {"views/association-details.js", SCRIPT, CONTENT(views_association_details_js)},
    {"views/association-form.js", SCRIPT, CONTENT(views_association_form_js)},
    {"views/association-terms.js", SCRIPT, CONTENT(views_association_terms_js)},
    {"views/audit-changes.js", SCRIPT, CONTENT(views_audit_changes_js)},
    {"views/audit.js", SCRIPT, CONTENT(views_audit_js)},
    {"views/backup-make.js", SCRIPT, CONTENT(views_backup_make_js)},
    {"views/backup-passphrase.js", SCRIPT, CONTENT(views_backup_passphrase_js)},
    {"views/backup-restore.js", SCRIPT, CONTENT(views_backup_restore_js)},
    {"views/backup.js", SCRIPT, CONTENT(views_backup_js)},
    {"views/far-end.js", SCRIPT, CONTENT(views_far_end_js)},
    {"views/ipsec.js", SCRIPT, CONTENT(views_ipsec_js)},
    {"views/overview.js", SCRIPT, CONTENT(views_overview_js)},
    {"views/peer-acts.js", SCRIPT, CONTENT(views_peer_acts_js)},
    {"views/peer-bulk.js", SCRIPT, CONTENT(views_peer_bulk_js)},
    {"views/peer-config.js", SCRIPT, CONTENT(views_peer_config_js)},
    {"views/peer-details.js", SCRIPT, CONTENT(views_peer_details_js)},
    {"views/peer-form.js", SCRIPT, CONTENT(views_peer_form_js)},
    {"views/peer-preview.js", SCRIPT, CONTENT(views_peer_preview_js)},
    {"views/peer-rates.js", SCRIPT, CONTENT(views_peer_rates_js)},
    {"views/peer-rows.js", SCRIPT, CONTENT(views_peer_rows_js)},
    {"views/peer-watch.js", SCRIPT, CONTENT(views_peer_watch_js)},
    {"views/peers.js", SCRIPT, CONTENT(views_peers_js)},
    {"views/rules.js", SCRIPT, CONTENT(views_rules_js)},
    {"views/tokens.js", SCRIPT, CONTENT(views_tokens_js)},
    {"views/tunnel-acts.js", SCRIPT, CONTENT(views_tunnel_acts_js)},
    {"views/tunnel-defaults.js", SCRIPT, CONTENT(views_tunnel_defaults_js)},
    {"views/tunnel-form.js", SCRIPT, CONTENT(views_tunnel_form_js)},
    {"views/tunnel-import.js", SCRIPT, CONTENT(views_tunnel_import_js)},
    {"views/tunnel.js", SCRIPT, CONTENT(views_tunnel_js)},
    {"views/user-form.js", SCRIPT, CONTENT(views_user_form_js)},
    {"views/user-totp.js", SCRIPT, CONTENT(views_user_totp_js)},
    {"views/users.js", SCRIPT, CONTENT(views_users_js)},
    {"views/wireguard.js", SCRIPT, CONTENT(views_wireguard_js)},
};

const struct page_file *const page_files = table;
const size_t page_file_count = sizeof table / sizeof *table;
