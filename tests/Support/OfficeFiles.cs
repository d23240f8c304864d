using System.IO.Compression;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Presentation;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Wordprocessing;
using Drawing = DocumentFormat.OpenXml.Drawing;
using Word = DocumentFormat.OpenXml.Wordprocessing;

namespace AgentKit.Testing;

/// <summary>Small Office files.</summary>
internal static class OfficeFiles
{
    /// <summary>A document of paragraphs; a style makes one a heading.</summary>
    public static byte[] Document(params (string? Style, string Text)[] paragraphs)
    {
        using var stream = new MemoryStream();
        using (var file = WordprocessingDocument.Create(stream, WordprocessingDocumentType.Document))
        {
            var body = new Body(paragraphs.Select(paragraph => new Word.Paragraph(
                new ParagraphProperties { ParagraphStyleId = paragraph.Style is null ? null : new ParagraphStyleId { Val = paragraph.Style } },
                new Word.Run(new Word.Text(paragraph.Text)))));
            body.Append(new Word.Table(new Word.TableRow(Cell("Town"), Cell("Height"))));
            file.AddMainDocumentPart().Document = new Document(body);
        }

        return stream.ToArray();
    }

    public static byte[] Workbook(string sheet, params string[][] rows)
    {
        using var stream = new MemoryStream();
        using (var file = SpreadsheetDocument.Create(stream, SpreadsheetDocumentType.Workbook))
        {
            WorkbookPart book = file.AddWorkbookPart();
            WorksheetPart part = book.AddNewPart<WorksheetPart>();
            part.Worksheet = new Worksheet(new SheetData(rows.Select(row => new Row(row.Select(value =>
                new Cell { DataType = CellValues.InlineString, InlineString = new InlineString(new DocumentFormat.OpenXml.Spreadsheet.Text(value)) })))));
            book.Workbook = new Workbook(new Sheets(new Sheet { Id = book.GetIdOfPart(part), SheetId = 1, Name = sheet }));
        }

        return stream.ToArray();
    }

    public static byte[] Presentation(params (string Title, string Body)[] slides)
    {
        using var stream = new MemoryStream();
        using (var file = PresentationDocument.Create(stream, PresentationDocumentType.Presentation))
        {
            PresentationPart presentation = file.AddPresentationPart();
            var list = new SlideIdList();
            uint id = 256;
            foreach ((string title, string body) in slides)
            {
                SlidePart part = presentation.AddNewPart<SlidePart>();
                part.Slide = new Slide(new CommonSlideData(new ShapeTree(Shape(title, PlaceholderValues.Title), Shape(body, PlaceholderValues.Body))));
                list.Append(new SlideId { Id = id++, RelationshipId = presentation.GetIdOfPart(part) });
            }

            presentation.Presentation = new Presentation(list);
        }

        return stream.ToArray();
    }

    /// <summary>A file of which one part, by the end of its name, has no content.</summary>
    public static byte[] WithEmptyPart(byte[] file, string part)
    {
        using var stream = new MemoryStream();
        stream.Write(file);
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            ZipArchiveEntry entry = archive.Entries.First(one => one.Name.Equals(part, StringComparison.OrdinalIgnoreCase));
            string name = entry.FullName;
            entry.Delete();
            archive.CreateEntry(name);
        }

        return stream.ToArray();
    }

    /// <summary>An archive of a few kilobytes that unpacks to hundreds of megabytes.</summary>
    public static byte[] ZipBomb()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            byte[] zeros = new byte[1 << 20];
            using Stream entry = archive.CreateEntry("word/document.xml", CompressionLevel.SmallestSize).Open();
            for (int i = 0; i < 200; i++) entry.Write(zeros);
        }

        return stream.ToArray();
    }

    private static Word.TableCell Cell(string text) => new(new Word.Paragraph(new Word.Run(new Word.Text(text))));

    private static DocumentFormat.OpenXml.Presentation.Shape Shape(string text, PlaceholderValues type) => new(
        new DocumentFormat.OpenXml.Presentation.NonVisualShapeProperties(
            new DocumentFormat.OpenXml.Presentation.NonVisualDrawingProperties { Id = 1, Name = "shape" },
            new DocumentFormat.OpenXml.Presentation.NonVisualShapeDrawingProperties(),
            new ApplicationNonVisualDrawingProperties(new PlaceholderShape { Type = type })),
        new DocumentFormat.OpenXml.Presentation.ShapeProperties(),
        new DocumentFormat.OpenXml.Presentation.TextBody(
            new Drawing.BodyProperties(), new Drawing.Paragraph(new Drawing.Run(new Drawing.Text(text)))));
}
