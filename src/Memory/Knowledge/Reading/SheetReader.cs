using System.Globalization;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;

namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>Workbooks: a row is a line; sheet and first row are its heading. Values stand as stored, so that dates are numbers.</summary>
internal static class SheetReader
{
    public static ReadDocument Read(Stream stream)
    {
        using SpreadsheetDocument file = SpreadsheetDocument.Open(stream, isEditable: false);
        var text = new TextBuilder();
        if (file.WorkbookPart is { } book)
        {
            string[] shared = [.. book.SharedStringTablePart?.SharedStringTable?.Elements<SharedStringItem>().Select(item => item.InnerText) ?? []];
            foreach (Sheet sheet in book.Workbook?.Sheets?.Elements<Sheet>() ?? [])
            {
                if (sheet.Id?.Value is { } id && book.TryGetPartById(id, out OpenXmlPart? part) && part is WorksheetPart { Worksheet: { } cells })
                    AddSheet(sheet.Name?.Value ?? "", cells, shared, text);
            }
        }

        string? title = file.PackageProperties.Title;
        return text.ToDocument(string.IsNullOrWhiteSpace(title) ? null : title.Trim());
    }

    private static void AddSheet(string name, Worksheet sheet, string[] shared, TextBuilder text)
    {
        text.EnterHeading(1, name);
        bool first = true;
        foreach (Row row in sheet.Descendants<Row>())
        {
            string line = string.Join(" | ", row.Elements<Cell>().Select(cell => ValueOf(cell, shared)));
            if (string.IsNullOrWhiteSpace(line.Replace("|", "", StringComparison.Ordinal))) continue;
            if (first) text.EnterHeading(2, line);
            first = false;
            text.BeginBlock(BlockKind.Lines);
            text.Append(line, keepBlanks: true);
            text.EndBlock();
        }
    }

    private static string ValueOf(Cell cell, string[] shared)
    {
        string value = cell.CellValue?.Text ?? cell.InlineString?.InnerText ?? "";
        if (cell.DataType?.Value == CellValues.SharedString)
            return int.TryParse(value, CultureInfo.InvariantCulture, out int at) && at >= 0 && at < shared.Length ? shared[at] : "";
        return cell.DataType?.Value == CellValues.Boolean ? (value == "1" ? "TRUE" : "FALSE") : value;
    }
}
