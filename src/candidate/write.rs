//! A [`Candidate`] as a complete candidate file: every field, keys inline.

use std::fmt::Write;

use crate::candidate::Candidate;
use crate::candidate::Environment;
use crate::candidate::LoginMode;
use crate::candidate::LoginStep;
use crate::candidate::Patient;
use crate::requirement::Role;

/// The text of a candidate file that reads as this candidate. It holds the private key and the secrets of the patients.
pub fn to_toml(candidate: &Candidate) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = write(&mut out, candidate);
    out
}

fn write(out: &mut String, candidate: &Candidate) -> std::fmt::Result {
    let role = match candidate.role {
        Role::Dva => "dva",
        Role::Dvp => "dvp",
    };
    let environment = match candidate.environment {
        Environment::Test => "test",
        Environment::Acceptance => "acceptance",
        Environment::Production => "production",
    };
    writeln!(out, "[candidate]")?;
    writeln!(out, "role = {}", text(role))?;
    writeln!(out, "vendor = {}", text(&candidate.vendor))?;
    writeln!(out, "product = {}", text(&candidate.product))?;
    writeln!(out, "version = {}", text(&candidate.version))?;
    writeln!(out, "environment = {}", text(environment))?;
    writeln!(out, "release = {}", text(candidate.release.label()))?;
    writeln!(out, "systeemrollen = {}", list(&candidate.systeemrollen))?;
    if candidate.role == Role::Dvp {
        return dvp(out, candidate);
    }
    writeln!(out, "\n[provider]\nname = {}", text(&candidate.provider))?;

    writeln!(out, "\n[endpoints]")?;
    writeln!(out, "authorization = {}", text(candidate.endpoints.authorization.as_str()))?;
    writeln!(out, "token = {}", text(candidate.endpoints.token.as_str()))?;
    writeln!(out, "[endpoints.resource]")?;
    for (code, url) in &candidate.endpoints.resource {
        writeln!(out, "{} = {}", text(code), text(url.as_str()))?;
    }

    let client = &candidate.client;
    writeln!(out, "\n[client]")?;
    writeln!(out, "client_id = {}", text(&client.client_id))?;
    writeln!(out, "redirect_uri = {}", text(client.redirect_uri.as_str()))?;
    writeln!(out, "certificate = {}", lines(&client.certificate))?;
    writeln!(out, "key = {}", lines(&client.key))?;

    for identity in &candidate.identities {
        writeln!(out, "\n[[identities]]\nstanding = {}", text(identity.standing.word()))?;
        writeln!(out, "client_id = {}", text(&identity.client_id))?;
        if let Some(redirect_uri) = &identity.redirect_uri {
            writeln!(out, "redirect_uri = {}", text(redirect_uri.as_str()))?;
        }
        writeln!(out, "certificate = {}", lines(&identity.certificate))?;
        writeln!(out, "key = {}", lines(&identity.key))?;
    }

    trust(out, candidate)?;

    if let Some(node) = &candidate.stelselnode {
        writeln!(out, "\n[stelselnode]\nlisten = {}", text(&node.listen.to_string()))?;
        writeln!(out, "certificate = {}", lines(&node.certificate))?;
        writeln!(out, "key = {}", lines(&node.key))?;
    }

    let mode = match candidate.login.mode {
        LoginMode::Form => "form",
        LoginMode::Manual => "manual",
        LoginMode::Token => "token",
    };
    writeln!(out, "\n[login]\nmode = {}", text(mode))?;
    pages(out, &candidate.login.steps)?;
    if let Some(selector) = &candidate.login.indefinite {
        writeln!(out, "indefinite = {}", text(selector))?;
    }
    if let Some(withdrawal) = &candidate.withdrawal {
        writeln!(out, "\n[withdrawal]\nstart = {}", text(withdrawal.start.as_str()))?;
        pages(out, &withdrawal.steps)?;
    }

    for one in &candidate.patients {
        patient(out, one)?;
    }

    probes(out, candidate)?;
    waivers(out, candidate)
}

fn trust(out: &mut String, candidate: &Candidate) -> std::fmt::Result {
    let authorities = candidate.trust.ca.iter().map(|pem| lines(pem)).collect::<Vec<_>>().join(", ");
    writeln!(out, "\n[trust]\nca = [{authorities}]\n[trust.connect]")?;
    for (name, address) in &candidate.trust.connect {
        writeln!(out, "{} = {}", text(name), text(address))?;
    }
    Ok(())
}

fn probes(out: &mut String, candidate: &Candidate) -> std::fmt::Result {
    let probes = &candidate.probes;
    writeln!(out, "\n[probes]\nactive = {}\ntls = {}", probes.active, probes.tls)?;
    writeln!(out, "samples = {}\nwait = {}", probes.samples, probes.wait)?;
    if let Some(address) = &probes.other_provider {
        writeln!(out, "other_provider = {}", text(address))?;
    }
    Ok(())
}

fn waivers(out: &mut String, candidate: &Candidate) -> std::fmt::Result {
    for waiver in &candidate.waivers {
        writeln!(out, "\n[[waivers]]\nrule = {}\nwhere = {}", text(&waiver.rule), text(&waiver.r#where))?;
        writeln!(out, "reason = {}\nowner = {}", text(&waiver.reason), text(&waiver.owner))?;
        writeln!(out, "expires = {}", waiver.expires)?;
    }
    Ok(())
}

/// What follows the head in the file of a DVP. Hooks and steps at its own pages are left to their author.
fn dvp(out: &mut String, candidate: &Candidate) -> std::fmt::Result {
    let client = &candidate.client;
    writeln!(out, "\n[client]\nclient_id = {}", text(&client.client_id))?;
    writeln!(out, "redirect_uri = {}", text(client.redirect_uri.as_str()))?;
    if let Some(world) = &candidate.world {
        writeln!(out, "name = {}\nhosts = {}", text(&world.name), list(&world.hosts))?;
    }
    trust(out, candidate)?;
    if let Some(world) = candidate.world.as_ref().filter(|world| world.folder.is_some() || world.port.is_some()) {
        writeln!(out, "\n[world]")?;
        if let Some(folder) = &world.folder {
            writeln!(out, "folder = {}", text(&folder.to_string_lossy()))?;
        }
        if let Some(port) = world.port {
            writeln!(out, "port = {port}")?;
        }
    }
    if let Some(drive) = &candidate.drive {
        writeln!(out, "\n[drive]\nsettle = {:?}", drive.settle)?;
        if let Some(start) = &drive.start {
            writeln!(out, "start = {}", text(start))?;
        }
    }
    probes(out, candidate)?;
    waivers(out, candidate)
}

fn patient(out: &mut String, patient: &Patient) -> std::fmt::Result {
    writeln!(out, "\n[[patients]]\nname = {}\nstands_for = {}", text(&patient.name), text(&patient.stands_for))?;
    writeln!(out, "login = {}\npassword = {}", text(&patient.login), text(&patient.password))?;
    if let Some(token) = &patient.token {
        writeln!(out, "token = {}", text(token))?;
    }
    if let Some(bsn) = &patient.bsn {
        writeln!(out, "bsn = {}", text(bsn))?;
    }
    if !patient.suites.is_empty() {
        writeln!(out, "suites = {}", list(&patient.suites))?;
    }
    if !patient.expect.is_empty() {
        let counts = patient.expect.iter().map(|(kind, count)| format!("{} = {count}", text(kind)));
        writeln!(out, "expect = {{ {} }}", counts.collect::<Vec<_>>().join(", "))?;
    }
    Ok(())
}

fn pages(out: &mut String, steps: &[LoginStep]) -> std::fmt::Result {
    writeln!(out, "steps = [")?;
    for step in steps {
        writeln!(out, "  {{ {} }},", login_step(step))?;
    }
    writeln!(out, "]")
}

fn login_step(step: &LoginStep) -> String {
    let mut parts = vec![format!("page = {}", text(&step.page))];
    if !step.fill.is_empty() {
        let fields = step.fill.iter().map(|(field, value)| format!("{} = {}", text(field), text(value)));
        parts.push(format!("fill = {{ {} }}", fields.collect::<Vec<_>>().join(", ")));
    }
    parts.extend(step.follow.as_ref().map(|selector| format!("follow = {}", text(selector))));
    parts.extend(step.submit.as_ref().map(|selector| format!("submit = {}", text(selector))));
    parts.extend(step.cancel.as_ref().map(|selector| format!("cancel = {}", text(selector))));
    parts.join(", ")
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|item| text(item)).collect::<Vec<_>>().join(", "))
}

/// A TOML basic string.
fn text(value: &str) -> String {
    let mut out = String::from("\"");
    escape(value, false, &mut out);
    out + "\""
}

/// A TOML string over several lines, as PEM is read best.
fn lines(value: &str) -> String {
    let mut out = String::from("\"\"\"\n");
    escape(value, true, &mut out);
    out + "\"\"\""
}

fn escape(value: &str, keep_lines: bool, out: &mut String) {
    for c in value.chars() {
        match c {
            '\n' if keep_lines => out.push('\n'),
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => *out += &format!("\\u{:04X}", u32::from(c)),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        assert_eq!(text("a\"b\\c\nd\u{7f}é"), "\"a\\\"b\\\\c\\u000Ad\\u007Fé\"");
        assert_eq!(lines("a\nb\n"), "\"\"\"\na\nb\n\"\"\"");
    }
}
