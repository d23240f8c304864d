using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Reading;
using AgentKit.Testing;

namespace AgentKit.Tests.Memory.Knowledge;

public class DocumentReaderTests
{
    [Fact]
    public void Markdown_AllHeadingForms_MakePaths()
    {
        ReadDocument document = Read("md", "---\nkey: value\n---\nTop\n===\ntext\n\nSub\n---\nmore\n\n```\n# no heading\n```\n### Deep ###\nend");
        Assert.Equal("Top", document.Title);
        Assert.Equal(["", "Top", "Top", "Top > Sub", "Top > Sub", "Top > Sub", "Top > Sub > Deep", "Top > Sub > Deep"], document.Blocks.Select(block => block.Heading));
        Assert.Contains(document.Blocks, block => block.Kind is BlockKind.Lines && Text(document, block).Contains("# no heading", StringComparison.Ordinal));
    }

    [Fact]
    public void Html_Page_LosesScriptsAndNavigationAndKeepsStructure()
    {
        ReadDocument document = Read(
            "html",
            "<html><head><title> Page </title><style>p{}</style></head><body><nav>menu</nav><script>alert('x')</script><h1>Top</h1><p>Some <b>bold</b>\n words"
            + "<br>next</p><h2>Sub</h2><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table><pre>x\n  y</pre><footer>f</footer></body></html>");
        Assert.Equal("Page", document.Title);
        Assert.Equal(
            ["Top", "Some bold words\nnext", "Sub", "a | b", "1 | 2", "x\n  y"], document.Blocks.Select(block => Text(document, block)));
        Assert.Equal("Top > Sub", document.Blocks[^1].Heading);
        Assert.DoesNotContain("alert", document.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("menu", document.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Html_NestedTenThousandDeep_IsRead() =>
        Assert.Contains("core", Read("html", string.Concat(Enumerable.Repeat("<div>", 10_000)) + "core").Text, StringComparison.Ordinal);

    [Fact]
    public void Word_Document_HasHeadingsAndTables()
    {
        ReadDocument document = DocumentReader.Read("docx", OfficeFiles.Document(("Heading1", "Alps"), (null, "High mountains."), ("Heading2", "Peaks")), "a.docx");
        Assert.Equal(["Alps", "High mountains.", "Peaks", "Town | Height"], document.Blocks.Select(block => Text(document, block)));
        Assert.Equal(["Alps", "Alps", "Alps > Peaks", "Alps > Peaks"], document.Blocks.Select(block => block.Heading));
    }

    [Fact]
    public void Sheet_Rows_StandUnderSheetAndColumns()
    {
        ReadDocument document = DocumentReader.Read("xlsx", OfficeFiles.Workbook("Cities", ["Name", "Size"], ["Bern", "134"]), "a.xlsx");
        Assert.Equal(["Name | Size", "Bern | 134"], document.Blocks.Select(block => Text(document, block)));
        Assert.All(document.Blocks, block => Assert.Equal("Cities > Name | Size", block.Heading));
    }

    [Fact]
    public void Slides_EachIsAPage()
    {
        ReadDocument document = DocumentReader.Read("pptx", OfficeFiles.Presentation(("One", "first"), ("Two", "second")), "a.pptx");
        Assert.Equal([(1, "One", "One"), (1, "One", "first"), (2, "Two", "Two"), (2, "Two", "second")],
            document.Blocks.Select(block => (block.Page!.Value, block.Heading, Text(document, block))));
    }

    [Fact]
    public void Office_ZipBomb_IsRefusedBeforeItIsUnpacked()
    {
        byte[] bomb = OfficeFiles.ZipBomb();
        Assert.True(bomb.Length < 1 << 20);
        var e = Assert.Throws<UserInputException>(() => DocumentReader.Read("docx", bomb, "a.docx"));
        Assert.Contains("unpacks to more than 128 MiB", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Office_PartsWithNothingInThem_AreEmptyDocuments()
    {
        Assert.Empty(DocumentReader.Read("xlsx", OfficeFiles.WithEmptyPart(OfficeFiles.Workbook("s", ["a"]), "workbook.xml"), "a").Blocks);
        Assert.Empty(DocumentReader.Read("pptx", OfficeFiles.WithEmptyPart(OfficeFiles.Presentation(("t", "b")), "presentation.xml"), "a").Blocks);
        Assert.Empty(DocumentReader.Read("pptx", OfficeFiles.WithEmptyPart(OfficeFiles.Presentation(("t", "b")), "slide1.xml"), "a").Blocks);
    }

    [Theory]
    [InlineData("docx", "D0CF11E0A1B11AE100", "password")]
    [InlineData("docx", "504B0304FFFF", "damaged")]
    [InlineData("xlsx", "", "damaged")]
    [InlineData("txt", "61C3", "Byte 2 is not UTF-8")]
    [InlineData("md", "610062", "Byte 2 is zero")]
    public void Read_WhatIsNotWhatItsNameSays_SaysWhy(string kind, string hex, string reason)
    {
        var e = Assert.Throws<UserInputException>(() => DocumentReader.Read(kind, Convert.FromHexString(hex), "file"));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_WithByteOrderMark_IsDecodedAsItSays()
    {
        Assert.Equal("é", DocumentReader.Read("txt", [.. Encoding.UTF8.Preamble, .. "é"u8], "a").Text);
        Assert.Equal("é", DocumentReader.Read("txt", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("é")], "a").Text);
    }

    [Fact]
    public void Code_ByDeclaration_NamesTypeAndMember()
    {
        const string Source = "using System;\n\n/// Runs.\npublic sealed class Runner\n{\n    // Goes.\n    public int Go(int a)\n    {\n        return Step(a);\n    }\n\n"
            + "    private int Step(int a) => a;\n}\n";
        ReadDocument document = Read("code", Source);
        Assert.Equal(["", "Runner", "Runner > Go", "Runner > Step"], document.Blocks.Select(block => block.Heading));
        Assert.StartsWith("/// Runs.", Text(document, document.Blocks[1]), StringComparison.Ordinal);
        Assert.Contains("return Step(a);", Text(document, document.Blocks[2]), StringComparison.Ordinal);
    }

    [Fact]
    public void Table_WithQuotedLineBreaks_KeepsRowsWhole()
    {
        ReadDocument document = Read("csv", "name,note\nA,\"two\nlines\"\nB,5\" disk\n");
        Assert.Equal(["name,note", "A,\"two\nlines\"", "B,5\" disk"], document.Blocks.Select(block => Text(document, block)));
        Assert.All(document.Blocks, block => Assert.Equal("name,note", block.Heading));
    }

    [Fact]
    public void Json_Elements_AreBlocksAndFaultsNameTheLine()
    {
        Assert.Equal(2, Read("json", "{\"a\": [1, 2], \"b\": \"x,}\\\"y\"}").Blocks.Count);
        Assert.Equal(2, Read("jsonl", "{\"a\":1}\n\n{\"b\":2}\n").Blocks.Count);
        Assert.Contains("Line 2 is not JSON", Assert.Throws<UserInputException>(() => Read("jsonl", "{}\n{")).Message, StringComparison.Ordinal);
        Assert.Contains("Line 3 is not JSON", Assert.Throws<UserInputException>(() => Read("json", "{\n\n,}")).Message, StringComparison.Ordinal);
        Assert.Empty(Read("json", "").Blocks);
    }

    [Fact]
    public void Html_TextWithinAForm_IsReadWithoutWhatIsToBeFilledIn()
    {
        ReadDocument page = Read("html", "<form><p>Terms of use.</p><input value='a'><textarea>b</textarea><select><option>c</option></select><button>d</button></form>");
        Assert.Equal("Terms of use.", page.Text.Trim());
    }

    [Fact]
    public void Json_NestedTooDeep_SaysSo()
    {
        string deep = new string('[', 600) + new string(']', 600);
        Assert.Contains("nested deeper than 512 levels", Assert.Throws<UserInputException>(() => Read("json", deep)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_HtmlNestedWithoutEnd_IsGivenUp()
    {
        byte[] page = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<div>", 100_000)));
        var e = Assert.Throws<UserInputException>(() => HtmlReader.Read(page, TimeSpan.FromMilliseconds(50)));
        Assert.Contains("nested too deep", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pdf_WithoutTheProgram_SaysHowToGetIt()
    {
        var e = Assert.Throws<UserInputException>(() => PdfReader.Read("a.pdf", "no-such-program-here"));
        Assert.Contains("poppler-utils", e.Message, StringComparison.Ordinal);
    }

    private static ReadDocument Read(string kind, string content) => DocumentReader.Read(kind, Encoding.UTF8.GetBytes(content), "file");

    private static string Text(ReadDocument document, Block block) => document.Text[block.Start..block.End];
}
