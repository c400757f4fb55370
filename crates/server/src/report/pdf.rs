//! A report on paper: the sheet that the page shows, as a tagged PDF on A4.
//!
//! The fonts are those of the pages, which the binary holds anyway; what a report uses of them goes into the file. A character
//! that they lack (a rare one in a name or a title) is drawn as 〓, as printers do.

use std::{num::NonZeroU16, sync::LazyLock};

use krilla::{
    Document,
    color::rgb,
    geom::{PathBuilder, Point, Rect},
    metadata::Metadata,
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, FillRule},
    surface::Surface,
    tagging::{
        ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind,
        TagTree,
    },
    text::{Font, TextDirection},
};
use ttf_parser::Face;

use super::sheet::{Chart, Row, Sheet};
use crate::{lang::Lang, web::assets};

const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
const MARGIN: f32 = 50.0;
/// Where text may stand.
const RIGHT: f32 = WIDTH - MARGIN;
const BOTTOM: f32 = HEIGHT - 62.0;
const COLUMN: f32 = RIGHT - MARGIN;

type Colour = (u8, u8, u8);
const INK: Colour = (26, 26, 28);
const QUIET: Colour = (95, 95, 99);
const LINE: Colour = (204, 204, 208);
const STRONG: Colour = (0, 23, 193);
const PALE: Colour = (157, 183, 249);
const ORANGE: Colour = (172, 62, 0);
const GREY: Colour = (148, 148, 151);
const GROUND: Colour = (241, 241, 244);

/// One weight of the fonts.
struct Weight {
    data: Vec<u8>,
    font: Font,
}

fn weight(name: &str) -> Option<Weight> {
    let data = wuff::decompress_woff2(assets::content(name)?).ok()?;
    let font = Font::new(data.clone().into(), 0)?;
    Some(Weight { data, font })
}

static REGULAR: LazyLock<Option<Weight>> = LazyLock::new(|| weight("fonts/noto-sans-jp-400.woff2"));
static BOLD: LazyLock<Option<Weight>> = LazyLock::new(|| weight("fonts/noto-sans-jp-700.woff2"));

/// A weight with what is measured by.
struct Type {
    font: Font,
    face: Face<'static>,
}

impl Type {
    fn of(weight: &'static Option<Weight>) -> Option<Type> {
        let weight = weight.as_ref()?;
        Some(Type { font: weight.font.clone(), face: Face::parse(&weight.data, 0).ok()? })
    }

    /// What can be drawn of a text.
    fn drawable(&self, text: &str) -> String {
        let known = |c: char| if self.face.glyph_index(c).is_some() { c } else { '〓' };
        text.chars().map(|c| known(if c.is_whitespace() { ' ' } else { c })).collect()
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        let advance = |c| self.face.glyph_index(c).and_then(|glyph| self.face.glyph_hor_advance(glyph));
        let units: f32 = text.chars().filter_map(advance).map(f32::from).sum();
        units * size / f32::from(self.face.units_per_em())
    }

    /// The lines in which a text fits into a width. Japanese breaks between any two characters but before a mark that ends
    /// something and after one that begins it, everything else between words.
    fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines: Vec<String> = vec![String::new()];
        for piece in pieces(&self.drawable(text)) {
            let Some(line) = lines.last_mut() else { break };
            if !line.is_empty() && self.width(&format!("{line}{}", piece.trim_end()), size) > width {
                lines.push(piece.trim_start().to_owned());
            } else {
                line.push_str(&piece);
            }
        }
        lines.into_iter().map(|line| line.trim().to_owned()).collect()
    }
}

/// What of a text is not broken.
fn pieces(text: &str) -> Vec<String> {
    let wide = |c: char| c >= '\u{2e80}';
    let ends =
        |c: char| "、。，．）」』】〉》！？：；・ー〜ぁぃぅぇぉっゃゅょァィゥェォッャュョ々".contains(c);
    let begins = |c: char| "（「『【〈《".contains(c);
    let mut pieces: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in text.chars() {
        let joins = match before {
            ' ' => c == ' ',
            before if begins(before) || ends(c) || c == ' ' => true,
            before => !wide(before) && !wide(c),
        };
        match pieces.last_mut() {
            Some(piece) if joins => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
        before = c;
    }
    pieces
}

/// Something on a page.
enum Mark {
    Text { x: f32, y: f32, size: f32, bold: bool, colour: Colour, text: String, leaf: Option<usize> },
    Block { x: f32, y: f32, width: f32, height: f32, colour: Colour },
}

/// What belongs together, for whoever has it read aloud.
enum Part {
    Group(TagKind, Vec<Part>),
    Leaf(usize),
}

/// How a text is set.
#[derive(Clone, Copy)]
struct Style {
    size: f32,
    leading: f32,
    bold: bool,
    colour: Colour,
}

const BODY: Style = Style { size: 9.5, leading: 15.5, bold: false, colour: INK };
const SMALL: Style = Style { size: 8.0, leading: 12.5, bold: false, colour: QUIET };

/// Pages as they fill.
struct Press {
    regular: Type,
    bold: Type,
    /// What stands between two words that belong together.
    gap: &'static str,
    pages: Vec<Vec<Mark>>,
    y: f32,
    leaves: usize,
    tree: Vec<Part>,
}

impl Press {
    fn face(&self, bold: bool) -> &Type {
        if bold { &self.bold } else { &self.regular }
    }

    fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Goes on to the next page unless so much fits on this one.
    fn need(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
    }

    fn block(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        self.put(Mark::Block { x, y, width, height, colour });
    }

    /// Writes lines below each other from a baseline on; what they are called in the tree.
    fn write(&mut self, x: f32, y: f32, lines: Vec<String>, style: Style) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut y = y;
        for text in lines.into_iter().filter(|line| !line.is_empty()) {
            let leaf = self.leaves;
            self.leaves += 1;
            let Style { size, bold, colour, leading } = style;
            self.put(Mark::Text { x, y, size, bold, colour, text, leaf: Some(leaf) });
            parts.push(Part::Leaf(leaf));
            y += leading;
        }
        parts
    }

    /// A paragraph or heading over the whole width.
    fn paragraph(&mut self, text: &str, style: Style, tag: impl Into<TagKind>) {
        let lines = self.face(style.bold).lines(text, style.size, COLUMN);
        let mut parts = Vec::new();
        for line in lines {
            self.need(style.leading);
            self.y += style.leading;
            parts.extend(self.write(MARGIN, self.y, vec![line], style));
        }
        self.tree.push(Part::Group(tag.into(), parts));
    }

    fn heading(&mut self, level: u16, text: &str, style: Style) {
        let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
        self.paragraph(text, style, Tag::Hn(level, Some(text.to_owned())));
    }

    /// The large figures, three beside each other.
    fn facts(&mut self, sheet: &Sheet) {
        let (gap, height) = (9.0, 50.0);
        let width = (COLUMN - 2.0 * gap) / 3.0;
        for three in sheet.facts.chunks(3) {
            self.need(height + gap);
            let mut x = MARGIN;
            for fact in three {
                let top = self.y + 8.0;
                self.block(x, top, width, height, GROUND);
                let label = self.regular.lines(&fact.label, 8.0, width - 20.0);
                let mut parts = self.write(x + 10.0, top + 16.0, label, SMALL);
                let value = vec![self.bold.drawable(&fact.value)];
                let large = Style { size: 18.0, leading: 20.0, bold: true, colour: INK };
                parts.extend(self.write(x + 10.0, top + 39.0, value, large));
                self.tree.push(Part::Group(Tag::P.into(), parts));
                x += width + gap;
            }
            self.y += height + gap;
        }
        self.y += 6.0;
    }

    fn chart(&mut self, chart: &Chart) {
        self.need(74.0);
        self.y += 8.0;
        let title = Style { size: 10.5, leading: 16.0, bold: true, colour: INK };
        let said = if chart.total.is_empty() {
            chart.title.clone()
        } else {
            format!("{}{}{}", chart.title, self.gap, chart.total)
        };
        self.heading(3, &said, title);
        self.y += 4.0;
        let first = self.tree.len();
        for row in &chart.rows {
            self.row(row, chart.drawn);
        }
        let rows = self.tree.split_off(first);
        self.tree.push(Part::Group(Tag::Table.into(), rows));
        if !chart.axis.is_empty() {
            self.need(14.0);
            for (at, label) in &chart.axis {
                let x = BAR + at / 100.0 * BAR_WIDTH;
                self.block(x - 0.25, self.y, 0.5, 4.0, GREY);
                let text = self.regular.drawable(label);
                let width = self.regular.width(&text, 7.0);
                self.put(Mark::Text {
                    x: x - width / 2.0,
                    y: self.y + 11.5,
                    size: 7.0,
                    bold: false,
                    colour: QUIET,
                    text,
                    leaf: None,
                });
            }
            self.y += 14.0;
        }
        if !chart.key.is_empty() {
            self.need(16.0);
            let mut x = MARGIN;
            for (look, label) in &chart.key {
                self.block(x, self.y + 7.0, 8.0, 8.0, colour(look));
                let text = self.regular.drawable(label);
                let width = self.regular.width(&text, 8.0);
                self.put(Mark::Text {
                    x: x + 12.0,
                    y: self.y + 14.0,
                    size: 8.0,
                    bold: false,
                    colour: QUIET,
                    text,
                    leaf: None,
                });
                x += width + 26.0;
            }
            self.y += 20.0;
        }
        self.y += 4.0;
    }

    fn row(&mut self, row: &Row, drawn: bool) {
        let label_width = if drawn { BAR - MARGIN - 12.0 } else { COLUMN * 0.6 };
        let value_at = if drawn { BAR + BAR_WIDTH + 12.0 } else { MARGIN + COLUMN * 0.6 + 12.0 };
        let strong = Style { bold: true, colour: if row.few { QUIET } else { INK }, ..BODY };
        let label = self.regular.lines(&row.label, BODY.size, label_width);
        let value = self.face(!row.few).lines(&row.value, strong.size, RIGHT - value_at);
        let note = if row.note.is_empty() {
            Vec::new()
        } else {
            self.regular.lines(&row.note, SMALL.size, label_width)
        };
        let count = |lines: &Vec<String>| f32::from(u16::try_from(lines.len()).unwrap_or(u16::MAX));
        let (of_label, of_value) = (count(&label) * BODY.leading, count(&value) * BODY.leading);
        let height = (of_label + count(&note) * SMALL.leading).max(of_value) + 7.0;
        self.need(height);
        let top = self.y;
        let mut head = self.write(MARGIN, top + 14.0, label, BODY);
        head.extend(self.write(MARGIN, top + of_label + 11.5, note, SMALL));
        let strong = Style { bold: !row.few, ..strong };
        let cell = self.write(value_at, top + 14.0, value, strong);
        if drawn {
            self.block(BAR, top + 5.0, BAR_WIDTH, 11.0, GROUND);
            for bar in row.bars.iter().filter(|bar| bar.width > 0.0) {
                let (x, width) = (BAR + bar.from / 100.0 * BAR_WIDTH, bar.width / 100.0 * BAR_WIDTH);
                self.block(x, top + 5.0, width, 11.0, colour(bar.look));
            }
        }
        self.block(MARGIN, top + height - 1.0, COLUMN, 0.5, LINE);
        self.y += height;
        let head = Part::Group(Tag::TH(TableHeaderScope::Row).into(), vec![Part::Group(Tag::P.into(), head)]);
        let cell = Part::Group(Tag::TD.into(), vec![Part::Group(Tag::P.into(), cell)]);
        self.tree.push(Part::Group(Tag::TR.into(), vec![head, cell]));
    }
}

/// Where bars stand.
const BAR: f32 = MARGIN + 190.0;
const BAR_WIDTH: f32 = 160.0;

fn colour(look: &str) -> Colour {
    match look {
        "is" | "good" => STRONG,
        "may" => PALE,
        "bad" => ORANGE,
        _ => GREY,
    }
}

fn fill(surface: &mut Surface<'_>, (r, g, b): Colour) {
    surface.set_fill(Some(Fill {
        paint: rgb::Color::new(r, g, b).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }));
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, press: &Press, lang: Lang, drawn: &mut [Option<Identifier>]) {
    match mark {
        Mark::Block { x, y, width, height, colour } => {
            let mut path = PathBuilder::new();
            if let Some(rect) = Rect::from_xywh(*x, *y, width.max(0.1), *height) {
                path.push_rect(rect);
            }
            let Some(path) = path.finish() else { return };
            surface.start_tagged(ContentTag::Artifact(ArtifactType::Other));
            fill(surface, *colour);
            surface.draw_path(&path);
            surface.end_tagged();
        }
        Mark::Text { x, y, size, bold, colour, text, leaf } => {
            let tag = match leaf {
                Some(_) => ContentTag::Span(SpanTag::empty().with_lang(Some(lang.as_str()))),
                None => ContentTag::Artifact(ArtifactType::Other),
            };
            let id = surface.start_tagged(tag);
            if let Some(place) = leaf.and_then(|leaf| drawn.get_mut(leaf)) {
                *place = Some(id);
            }
            fill(surface, *colour);
            let font = press.face(*bold).font.clone();
            surface.draw_text(Point::from_xy(*x, *y), font, *size, text, false, TextDirection::LeftToRight);
            surface.end_tagged();
        }
    }
}

/// The tree of what was drawn. Each leaf stands in it once.
fn grown(part: Part, drawn: &mut [Option<Identifier>]) -> Option<Node> {
    match part {
        Part::Leaf(leaf) => drawn.get_mut(leaf)?.take().map(Node::from),
        Part::Group(kind, parts) => {
            let mut group = TagGroup::new(kind);
            parts.into_iter().filter_map(|part| grown(part, drawn)).for_each(|node| group.push(node));
            Some(Node::from(group))
        }
    }
}

/// Draws a report.
///
/// # Errors
/// Tells in words what the fonts or the library failed with: a mistake of ours.
pub fn drawn(sheet: &Sheet, lang: Lang) -> Result<Vec<u8>, String> {
    let fonts = || Some((Type::of(&REGULAR)?, Type::of(&BOLD)?));
    let (regular, bold) = fonts().ok_or("the fonts cannot be read")?;
    let (gap, pages) = (lang.pick("　", " · "), vec![Vec::new()]);
    let mut press = Press { regular, bold, gap, pages, y: MARGIN, leaves: 0, tree: Vec::new() };
    press.heading(1, &sheet.title, Style { size: 22.0, leading: 26.0, bold: true, colour: INK });
    press.y += 4.0;
    press.paragraph(&sheet.about, Style { colour: QUIET, ..BODY }, Tag::P);
    press.y += 8.0;
    for text in &sheet.lead {
        press.paragraph(text, BODY, Tag::P);
    }
    press.facts(sheet);
    for section in &sheet.sections {
        press.need(120.0);
        press.y += 16.0;
        press.block(MARGIN, press.y, 28.0, 2.5, STRONG);
        press.y += 2.0;
        press.heading(2, &section.title, Style { size: 14.0, leading: 21.0, bold: true, colour: INK });
        press.y += 2.0;
        if !section.text.is_empty() {
            press.paragraph(&section.text, BODY, Tag::P);
        }
        section.charts.iter().for_each(|chart| press.chart(chart));
    }
    press.need(60.0);
    press.y += 18.0;
    for note in &sheet.notes {
        press.paragraph(note, SMALL, Tag::P);
    }
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(sheet.title.clone())
            .language(lang.as_str().to_owned())
            .creator("Noroshi".to_owned()),
    );
    let mut drawn: Vec<Option<Identifier>> = (0..press.leaves).map(|_| None).collect();
    let count = press.pages.len();
    for (marks, no) in press.pages.iter().zip(1..) {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or("a page has no size")?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, mark, &press, lang, &mut drawn);
        }
        surface.start_tagged(ContentTag::Artifact(ArtifactType::Footer));
        fill(&mut surface, QUIET);
        let foot = press.regular.drawable(&format!("{}{gap}{no} / {count}", sheet.title));
        let at = Point::from_xy(RIGHT - press.regular.width(&foot, 8.0), HEIGHT - 32.0);
        surface.draw_text(at, press.regular.font.clone(), 8.0, &foot, false, TextDirection::LeftToRight);
        surface.end_tagged();
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some(lang.as_str().to_owned()));
    for part in std::mem::take(&mut press.tree) {
        if let Some(node) = grown(part, &mut drawn) {
            tree.push(node);
        }
    }
    document.set_tag_tree(tree);
    document.finish().map_err(|error| format!("{error:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_breaks_between_characters_and_english_between_words() {
        assert_eq!(pieces("数は「少数」です。"), ["数", "は", "「少", "数」", "で", "す。"]);
        assert_eq!(pieces("half within 5 min"), ["half ", "within ", "5 ", "min"]);
        let face = Type::of(&REGULAR).unwrap();
        let lines = face.lines("half within 5 min", 10.0, 60.0);
        assert_eq!(lines.join(" "), "half within 5 min");
        assert!(lines.len() > 1 && lines.iter().all(|line| face.width(line, 10.0) <= 60.0));
        assert_eq!(face.drawable("髙\u{20bb7}"), "髙〓");
    }
}
