using System.Globalization;
using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>Word documents: paragraphs with the headings their styles make, tables by row. Deleted text of tracked changes is left out.</summary>
internal static class WordReader
{
    public static ReadDocument Read(Stream stream)
    {
        using WordprocessingDocument file = WordprocessingDocument.Open(stream, isEditable: false);
        var text = new TextBuilder();
        if (file.MainDocumentPart?.Document?.Body is { } body)
        {
            Dictionary<string, int> levels = HeadingLevels(file.MainDocumentPart);
            foreach (OpenXmlElement element in body.Descendants())
            {
                if (element is Paragraph paragraph && !IsInTable(paragraph)) AddParagraph(paragraph, levels, text);
                else if (element is Table table && !IsInTable(table)) AddTable(table, text);
            }
        }

        string? title = file.PackageProperties.Title;
        return text.ToDocument(string.IsNullOrWhiteSpace(title) ? null : title.Trim());
    }

    private static bool IsInTable(OpenXmlElement element) => element.Ancestors<Table>().Any();

    private static void AddParagraph(Paragraph paragraph, Dictionary<string, int> levels, TextBuilder text)
    {
        string? style = paragraph.ParagraphProperties?.ParagraphStyleId?.Val?.Value;
        int level = paragraph.ParagraphProperties?.OutlineLevel?.Val?.Value is >= 0 and < 9 and var outline ? outline + 1
            : style is not null && levels.TryGetValue(style, out int known) ? known : 0;
        if (level > 0) text.BeginHeading(level);
        else text.BeginBlock(BlockKind.Prose);
        text.Append(TextOf(paragraph), keepBlanks: true);
        text.EndBlock();
    }

    private static void AddTable(Table table, TextBuilder text)
    {
        foreach (TableRow row in table.Descendants<TableRow>())
        {
            text.BeginBlock(BlockKind.Lines);
            foreach (TableCell cell in row.Elements<TableCell>())
            {
                text.BeginCell();
                text.Append(string.Join(' ', cell.Descendants<Paragraph>().Select(TextOf)), keepBlanks: false);
            }

            text.EndBlock();
        }
    }

    private static string TextOf(Paragraph paragraph)
    {
        var words = new StringBuilder();
        foreach (OpenXmlElement element in paragraph.Descendants())
        {
            switch (element)
            {
                case Text run:
                    words.Append(run.Text);
                    break;
                case TabChar:
                    words.Append('\t');
                    break;
                case Break or CarriageReturn:
                    words.Append('\n');
                    break;
            }
        }

        return words.ToString().Trim();
    }

    /// <summary>Styles by id: their outline level, or the number in a name such as "heading 2".</summary>
    private static Dictionary<string, int> HeadingLevels(MainDocumentPart part)
    {
        var levels = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["Title"] = 1 };
        for (int i = 1; i <= 9; i++) levels[string.Create(CultureInfo.InvariantCulture, $"Heading{i}")] = i;
        foreach (Style style in part.StyleDefinitionsPart?.Styles?.Elements<Style>() ?? [])
        {
            if (style.StyleId?.Value is not { } id) continue;
            string name = style.StyleName?.Val?.Value ?? "";
            if (style.StyleParagraphProperties?.OutlineLevel?.Val?.Value is >= 0 and < 9 and var outline) levels[id] = outline + 1;
            else if (name.StartsWith("heading ", StringComparison.OrdinalIgnoreCase) && int.TryParse(name.AsSpan(8), CultureInfo.InvariantCulture, out int level))
                levels[id] = level;
        }

        return levels;
    }
}
