using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Presentation;
using Drawing = DocumentFormat.OpenXml.Drawing;

namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>Presentations: a slide is a page, its title the heading; text of shapes and tables, then the speaker's notes.</summary>
internal static class SlidesReader
{
    public static ReadDocument Read(Stream stream)
    {
        using PresentationDocument file = PresentationDocument.Open(stream, isEditable: false);
        var text = new TextBuilder();
        if (file.PresentationPart is { } presentation)
        {
            int number = 0;
            foreach (SlideId id in presentation.Presentation?.SlideIdList?.Elements<SlideId>() ?? [])
            {
                number++;
                if (id.RelationshipId?.Value is { } relation && presentation.TryGetPartById(relation, out OpenXmlPart? part) && part is SlidePart { Slide: { } content } slide)
                    AddSlide(slide, content, number, text);
            }
        }

        string? title = file.PackageProperties.Title;
        return text.ToDocument(string.IsNullOrWhiteSpace(title) ? null : title.Trim());
    }

    private static void AddSlide(SlidePart slide, Slide content, int number, TextBuilder text)
    {
        text.EndBlock();
        text.Page = number;
        text.EnterHeading(1, "");
        Shape[] shapes = [.. content.Descendants<Shape>()];
        if (shapes.FirstOrDefault(IsTitle) is { } title && title.InnerText.Length > 0)
        {
            text.BeginHeading(1);
            AppendParagraphs(title, text);
        }

        foreach (Shape shape in shapes.Where(shape => !IsTitle(shape)))
        {
            text.BeginBlock(BlockKind.Prose);
            AppendParagraphs(shape, text);
        }

        foreach (Drawing.TableRow row in content.Descendants<Drawing.TableRow>())
        {
            text.BeginBlock(BlockKind.Lines);
            text.Append(string.Join(" | ", row.Elements<Drawing.TableCell>().Select(cell => cell.InnerText)), keepBlanks: true);
        }

        foreach (Shape note in (slide.NotesSlidePart?.NotesSlide?.Descendants<Shape>() ?? []).Where(IsBody))
        {
            text.BeginBlock(BlockKind.Prose);
            AppendParagraphs(note, text);
        }

        text.EndBlock();
    }

    private static void AppendParagraphs(OpenXmlElement shape, TextBuilder text) =>
        text.Append(string.Join('\n', shape.Descendants<Drawing.Paragraph>().Select(paragraph => paragraph.InnerText)).Trim(), keepBlanks: true);

    private static bool IsTitle(Shape shape) => Placeholder(shape) is { } type && (type == PlaceholderValues.Title || type == PlaceholderValues.CenteredTitle);

    private static bool IsBody(Shape shape) => Placeholder(shape) is { } type && type == PlaceholderValues.Body;

    private static PlaceholderValues? Placeholder(Shape shape) =>
        shape.NonVisualShapeProperties?.ApplicationNonVisualDrawingProperties?.PlaceholderShape?.Type?.Value;
}
