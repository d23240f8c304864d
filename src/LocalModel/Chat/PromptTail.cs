namespace AgentKit.Models.Chat;

/// <summary>Finds what a prompt already wrote of the message the model is to go on with.</summary>
internal static class PromptTail
{
    /// <summary>
    /// The end of the prompt from the first mark of the syntax on that stands behind the header of the message; empty when it has none.
    /// </summary>
    public static string Find(ToolSyntax syntax, string prompt)
    {
        var markers = new ParserMarkers(syntax);
        string[] marks = [markers.ReasoningStart, markers.ReasoningEnd, markers.Call, syntax.ContentStart.Trim()];
        var candidates = marks.Where(mark => mark.Length > 0).ToList();
        // White space and marks may stand at the end; anything else there belongs to the header or to another message.
        var start = prompt.Length;
        while (true)
        {
            var end = prompt[..start].TrimEnd();
            var mark = candidates.Find(candidate => end.EndsWith(candidate, StringComparison.Ordinal));
            if (mark is null)
                return prompt[start..];
            start = end.Length - mark.Length;
        }
    }
}
