//! Bytes to text, as Python does it: byte order mark, PEP 263 cookie, Python's codec names.
//!
//! Every span of a file's facts is an offset into the text that [`decode`] returns; a byte order mark stays in it.

use std::borrow::Cow;

use compact_str::CompactString;
use encoding_rs::Encoding;

use super::notebook;
use crate::facts::Problem;
use crate::source::{FileKind, Span};

/// The text of a file: borrowed where it is UTF-8, a notebook's code cells joined. The problem, where Python itself
/// could not read it, stands at the line of the offending byte.
pub fn decode(bytes: &[u8], kind: FileKind) -> Result<Cow<'_, str>, Problem> {
    let text = decode_bytes(bytes)?;
    if kind == FileKind::Notebook {
        return notebook::code(&text).map(Cow::Owned).map_err(|message| problem(&message, &[], 0));
    }
    Ok(text)
}

fn decode_bytes(bytes: &[u8]) -> Result<Cow<'_, str>, Problem> {
    if bytes.len() >= u32::MAX as usize {
        return Err(problem("file is larger than 4 GB", &[], 0));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(problem("file is UTF-16, which Python does not read", bytes, 0));
    }
    if let Some(at) = memchr::memchr(0, bytes) {
        return Err(problem("source code contains a null byte", bytes, at));
    }
    let has_bom = bytes.starts_with(b"\xef\xbb\xbf");
    let codec = match cookie(bytes) {
        None => Codec::Utf8,
        Some((name, at)) => {
            let name = String::from_utf8_lossy(name);
            let Some(codec) = codec(&name) else {
                return Err(problem(&format!("unknown encoding: {name}"), bytes, at));
            };
            if has_bom && !matches!(codec, Codec::Utf8) {
                return Err(problem(&format!("encoding {name} with a UTF-8 byte order mark"), bytes, at));
            }
            codec
        }
    };
    let single = |table: &dyn Fn(u8) -> char| Ok(Cow::Owned(bytes.iter().map(|&byte| table(byte)).collect()));
    match codec {
        Codec::Utf8 => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => Err(problem("file is not valid UTF-8", bytes, error.valid_up_to())),
        },
        Codec::Ascii => match bytes.iter().position(|byte| !byte.is_ascii()) {
            None => single(&char::from),
            Some(at) => Err(problem("file is not ASCII, as it declares", bytes, at)),
        },
        Codec::Latin1 => single(&char::from),
        Codec::Table(upper) => {
            single(&|byte| upper.get(usize::from(byte).wrapping_sub(128)).copied().unwrap_or(byte.into()))
        }
        Codec::Web(encoding) => encoding
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or_else(|| problem(&format!("file cannot be decoded as {}", encoding.name()), bytes, 0)),
    }
}

fn problem(message: &str, bytes: &[u8], at: usize) -> Problem {
    let before = &bytes[..at.min(bytes.len())];
    let line = 1 + memchr::memchr_iter(b'\n', before).count() as u32;
    Problem { message: CompactString::from(message), span: Span::default(), line }
}

/// The encoding that a comment in the first two lines declares (PEP 263), and where.
fn cookie(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut start = bytes.len() - text.len();
    for _ in 0..2 {
        let rest = &bytes[start..];
        let len = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = &rest[..len];
        let code = line.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c')).unwrap_or(len);
        match line.get(code) {
            Some(b'#') => {
                if let Some((name, at)) = declared(&line[code..]) {
                    return Some((name, start + code + at));
                }
            }
            // A first line that holds code ends the search.
            Some(_) => return None,
            None => {}
        }
        let crlf = rest[len..].starts_with(b"\r\n");
        start = (start + len + 1 + usize::from(crlf)).min(bytes.len());
    }
    None
}

/// `coding[=:]\s*([-\w.]+)` in a comment.
fn declared(comment: &[u8]) -> Option<(&[u8], usize)> {
    for found in memchr::memmem::find_iter(comment, b"coding") {
        let after = found + b"coding".len();
        if !matches!(comment.get(after), Some(b':' | b'=')) {
            continue;
        }
        let at =
            after + 1 + comment[after + 1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let len = comment[at..].iter().take_while(is_name).count();
        if len > 0 {
            return Some((&comment[at..at + len], at));
        }
    }
    None
}

enum Codec {
    Utf8,
    Ascii,
    Latin1,
    /// The upper half of a single-byte encoding whose lower half is ASCII.
    Table(&'static [char; 128]),
    /// An encoding of the web standard.
    Web(&'static Encoding),
}

/// The codec that Python's `codecs.lookup` finds for a name.
fn codec(name: &str) -> Option<Codec> {
    let name = name.to_ascii_lowercase().replace(['-', '.', ' '], "_");
    // The tokenizer knows these by their beginning, whatever follows.
    if name == "utf_8" || name.starts_with("utf_8_") {
        return Some(Codec::Utf8);
    }
    if ["latin_1", "iso_8859_1", "iso_latin_1"]
        .iter()
        .any(|known| name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('_')))
    {
        return Some(Codec::Latin1);
    }
    let codec = match name.as_str() {
        "utf8" | "u8" | "utf" | "utf8_ucs2" | "utf8_ucs4" | "cp65001" | "utf8_sig" => Codec::Utf8,
        "ascii" | "us_ascii" | "us" | "646" | "ansi_x3_4_1968" | "ansi_x3_4_1986" | "ansi_x3_4"
        | "iso646_us" | "iso_646_irv_1991" | "iso_ir_6" | "cp367" | "csascii" | "ibm367" => Codec::Ascii,
        "latin1" | "latin" | "l1" | "8859" | "cp819" | "csisolatin1" | "ibm819" | "iso8859" | "iso8859_1"
        | "iso_8859_1_1987" | "iso_ir_100" | "iso_8859" => Codec::Latin1,
        "cp437" | "437" | "ibm437" | "cspc8codepage437" => Codec::Table(&CP437),
        "cp850" | "850" | "ibm850" | "cspc850multilingual" => Codec::Table(&CP850),
        other => Codec::Web(web_encoding(other).or_else(|| {
            // `iso_8859_5_1988`: with the year of the standard.
            let (base, year) = other.rsplit_once('_')?;
            let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
            web_encoding(base).filter(|_| is_year)
        })?),
    };
    Some(codec)
}

/// Python's names for encodings of the web standard.
fn web_encoding(name: &str) -> Option<&'static Encoding> {
    let encoding = match name {
        "cp1250" | "1250" | "windows_1250" => encoding_rs::WINDOWS_1250,
        "cp1251" | "1251" | "windows_1251" => encoding_rs::WINDOWS_1251,
        "cp1252" | "1252" | "windows_1252" => encoding_rs::WINDOWS_1252,
        "cp1253" | "1253" | "windows_1253" => encoding_rs::WINDOWS_1253,
        "cp1254" | "1254" | "windows_1254" | "iso8859_9" | "iso_8859_9" | "latin5" | "l5" | "latin_5"
        | "csisolatin5" | "iso_8859_9_1989" | "iso_ir_148" => encoding_rs::WINDOWS_1254,
        "cp1255" | "1255" | "windows_1255" => encoding_rs::WINDOWS_1255,
        "cp1256" | "1256" | "windows_1256" => encoding_rs::WINDOWS_1256,
        "cp1257" | "1257" | "windows_1257" => encoding_rs::WINDOWS_1257,
        "cp1258" | "1258" | "windows_1258" => encoding_rs::WINDOWS_1258,
        "cp874" | "iso8859_11" | "iso_8859_11" | "thai" | "tis_620" | "tis620" => encoding_rs::WINDOWS_874,
        "cp866" | "866" | "ibm866" | "csibm866" => encoding_rs::IBM866,
        "iso8859_2" | "iso_8859_2" | "latin2" | "latin_2" | "l2" | "csisolatin2" => encoding_rs::ISO_8859_2,
        "iso8859_3" | "iso_8859_3" | "latin3" | "latin_3" | "l3" | "csisolatin3" => encoding_rs::ISO_8859_3,
        "iso8859_4" | "iso_8859_4" | "latin4" | "latin_4" | "l4" | "csisolatin4" => encoding_rs::ISO_8859_4,
        "iso8859_5" | "iso_8859_5" | "cyrillic" => encoding_rs::ISO_8859_5,
        "iso8859_6" | "iso_8859_6" | "arabic" => encoding_rs::ISO_8859_6,
        "iso8859_7" | "iso_8859_7" | "greek" | "greek8" => encoding_rs::ISO_8859_7,
        "iso8859_8" | "iso_8859_8" | "hebrew" => encoding_rs::ISO_8859_8,
        "iso8859_10" | "iso_8859_10" | "latin6" | "latin_6" | "l6" => encoding_rs::ISO_8859_10,
        "iso8859_13" | "iso_8859_13" | "latin7" | "latin_7" | "l7" => encoding_rs::ISO_8859_13,
        "iso8859_14" | "iso_8859_14" | "latin8" | "latin_8" | "l8" => encoding_rs::ISO_8859_14,
        "iso8859_15" | "iso_8859_15" | "latin9" | "latin_9" | "l9" => encoding_rs::ISO_8859_15,
        "iso8859_16" | "iso_8859_16" | "latin10" | "latin_10" | "l10" => encoding_rs::ISO_8859_16,
        "koi8_r" | "cskoi8r" => encoding_rs::KOI8_R,
        "koi8_u" => encoding_rs::KOI8_U,
        "mac_roman" | "macroman" | "macintosh" => encoding_rs::MACINTOSH,
        "mac_cyrillic" | "maccyrillic" => encoding_rs::X_MAC_CYRILLIC,
        "cp932" | "932" | "ms932" | "mskanji" | "ms_kanji" | "windows_31j" | "shift_jis" | "shiftjis"
        | "sjis" | "s_jis" | "csshiftjis" => encoding_rs::SHIFT_JIS,
        "euc_jp" | "eucjp" | "ujis" | "u_jis" => encoding_rs::EUC_JP,
        "iso2022_jp" | "iso_2022_jp" | "csiso2022jp" | "iso2022jp" => encoding_rs::ISO_2022_JP,
        "euc_kr" | "euckr" | "korean" | "ks_c_5601" | "ks_c_5601_1987" | "ksc5601" | "ksx1001"
        | "ks_x_1001" | "cp949" | "949" | "ms949" | "uhc" => encoding_rs::EUC_KR,
        "gb2312" | "chinese" | "csiso58gb231280" | "euc_cn" | "euccn" | "eucgb2312_cn" | "gb2312_1980"
        | "gb2312_80" | "iso_ir_58" | "gbk" | "936" | "cp936" | "ms936" => encoding_rs::GBK,
        "gb18030" | "gb18030_2000" => encoding_rs::GB18030,
        "big5" | "big5_tw" | "csbig5" | "cp950" | "950" | "ms950" | "big5hkscs" | "big5_hkscs" | "hkscs" => {
            encoding_rs::BIG5
        }
        _ => return None,
    };
    Some(encoding)
}

#[rustfmt::skip]
const CP437: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å',
    'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ',
    'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»',
    '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐',
    '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧',
    '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀',
    'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩',
    '≡', '±', '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{a0}',
];

#[rustfmt::skip]
const CP850: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å',
    'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', 'ø', '£', 'Ø', '×', 'ƒ',
    'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '®', '¬', '½', '¼', '¡', '«', '»',
    '░', '▒', '▓', '│', '┤', 'Á', 'Â', 'À', '©', '╣', '║', '╗', '╝', '¢', '¥', '┐',
    '└', '┴', '┬', '├', '─', '┼', 'ã', 'Ã', '╚', '╔', '╩', '╦', '╠', '═', '╬', '¤',
    'ð', 'Ð', 'Ê', 'Ë', 'È', 'ı', 'Í', 'Î', 'Ï', '┘', '┌', '█', '▄', '¦', 'Ì', '▀',
    'Ó', 'ß', 'Ô', 'Ò', 'õ', 'Õ', 'µ', 'þ', 'Þ', 'Ú', 'Û', 'Ù', 'ý', 'Ý', '¯', '´',
    '\u{ad}', '±', '‗', '¾', '¶', '§', '÷', '¸', '°', '¨', '·', '¹', '³', '²', '■', '\u{a0}',
];

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<String, (u32, String)> {
        decode(bytes, FileKind::Module)
            .map(Cow::into_owned)
            .map_err(|problem| (problem.line, problem.message.to_string()))
    }

    #[test]
    fn cookies_name_codecs_as_python_does() {
        let table: &[(&str, &[u8], &str)] = &[
            ("latin-1", b"\xe9\x80", "é\u{80}"),
            ("ISO-8859-1", b"\xe9", "é"),
            ("iso-latin-1-unix", b"\xe9", "é"),
            ("cp1252", b"\x80", "€"),
            ("koi8-r", b"\xc1", "а"),
            ("cp932", b"\x93\xfa", "日"),
            ("shift_jis", b"\x93\xfa", "日"),
            ("euc-jp", b"\xc6\xfc", "日"),
            ("gbk", b"\xd6\xd0", "中"),
            ("big5", b"\xa4\xa4", "中"),
            ("mac-roman", b"\x8e", "é"),
            ("cp437", b"\x82", "é"),
            ("cp850", b"\x82", "é"),
            ("iso8859-15", b"\xa4", "€"),
            ("iso_8859_5_1988", b"\xd0", "а"),
            ("utf-8-sig", "é".as_bytes(), "é"),
            ("us-ascii", b"e", "e"),
        ];
        for (name, bytes, expected) in table {
            for first in ["", "#!/usr/bin/python\n", "\r\n"] {
                let head = format!("{first}# -*- coding: {name} -*-\nx = '");
                let text = [head.as_bytes(), bytes].concat();
                assert_eq!(decoded(&text), Ok(format!("{head}{expected}")), "{name}");
            }
        }
    }

    #[test]
    fn a_cookie_stands_in_a_comment_of_the_first_two_lines() {
        assert_eq!(
            decoded("x = 'é'\n# coding: latin-1\n".as_bytes()).unwrap(),
            "x = 'é'\n# coding: latin-1\n"
        );
        assert_eq!(decoded("\n\n# coding: latin-1\né".as_bytes()).unwrap(), "\n\n# coding: latin-1\né");
        assert!(matches!(decode(b"x = 1", FileKind::Module), Ok(Cow::Borrowed(_))));
        assert_eq!(
            decoded(b"# vim: set fileencoding=latin-1 :\n\xe9").unwrap(),
            "# vim: set fileencoding=latin-1 :\né"
        );
    }

    #[test]
    fn what_python_cannot_read_is_a_problem_at_its_line() {
        let table: &[(&[u8], u32, &str)] = &[
            (b"x = 1\ny = '\xff'\n", 2, "file is not valid UTF-8"),
            (b"\n# coding: no-such\n", 2, "unknown encoding: no-such"),
            (b"x\n\ny\0", 3, "source code contains a null byte"),
            (b"\xff\xfex\0", 1, "file is UTF-16, which Python does not read"),
            (b"\xef\xbb\xbf# coding: latin-1\n", 1, "encoding latin-1 with a UTF-8 byte order mark"),
            (b"# coding: ascii\n\xe9", 2, "file is not ASCII, as it declares"),
            (b"# coding: euc-jp\n\xff\xff", 1, "file cannot be decoded as EUC-JP"),
        ];
        for (bytes, line, message) in table {
            assert_eq!(decoded(bytes), Err((*line, (*message).to_owned())));
        }
    }
}
