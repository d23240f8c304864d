using System.Text.Json;
using AgentKit.Eval.Tasks;
using AgentKit.Eval.Tasks.Instructions;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval.Tasks;

public class InstructionCheckTests
{
    private static readonly (string Id, string Arguments, string Followed, string Broken)[] Cases =
    [
        ("keywords:existence", """{"keywords":["apple","tree"]}""", "An Apple falls from the tree.", "An apple falls."),
        ("keywords:frequency", """{"keyword":"rain","frequency":2,"relation":"at least"}""", "Rain, rain, go away.", "Rain, go away."),
        ("keywords:frequency", """{"keyword":"rain","frequency":2,"relation":"less than"}""", "Rain, go away.", "Rain and rain."),
        ("keywords:forbidden_words", """{"forbidden_words":["cat"]}""", "A category of dogs.", "A dog and a Cat."),
        ("keywords:letter_frequency", """{"letter":"e","let_frequency":3,"let_relation":"at least"}""", "Eleven", "Ten"),
        ("keywords:letter_frequency", """{"letter":"!","let_frequency":1,"let_relation":"less than"}""", "quiet", "loud!"),
        ("language:response_language",
            """{"language":"de"}""", "Der Hund ist nicht im Garten und die Katze auch nicht.", "The dog is not in the garden and the cat is not either."),
        ("length_constraints:number_sentences",
            """{"num_sentences":3,"relation":"at least"}""", "One. Two! Is this three?", "Dr. Smith paid $3.50 to J. Doe. That was all."),
        ("length_constraints:number_sentences",
            """{"num_sentences":2,"relation":"less than"}""", "He lives in the U.S. with e.g. a dog.", "He left. She stayed."),
        ("length_constraints:number_paragraphs", """{"num_paragraphs":2}""", "One.\n\n***\n\nTwo.", "One.\n\n***\n\n***\n\nTwo."),
        ("length_constraints:number_words", """{"num_words":4,"relation":"at least"}""", "one two, three-four", "one two three"),
        ("length_constraints:nth_paragraph_first_word",
            """{"num_paragraphs":2,"nth_paragraph":2,"first_word":"then"}""", "First this.\n\n\"Then, that.", "First this.\n\nAnd then that."),
        ("detectable_content:number_placeholders", """{"num_placeholders":2}""", "Dear [name], at [address].", "Dear [name]."),
        ("detectable_content:postscript", """{"postscript_marker":"P.S."}""", "Bye.\nP. S. One more thing.", "Bye. PS one more thing."),
        ("detectable_content:postscript", """{"postscript_marker":"P.P.S"}""", "Bye.\nP.P.S. More.", "Bye.\nP.S. More."),
        ("detectable_format:number_bullet_lists", """{"num_bullets":2}""", "* one\n- two", "* one\n- two\n- three"),
        ("detectable_format:constrained_response", "{}", "My answer is maybe.", "My answer is perhaps."),
        ("detectable_format:number_highlighted_sections", """{"num_highlights":2}""", "*one* and **two**", "*one* and ** **"),
        ("detectable_format:multiple_sections",
            """{"section_spliter":"SECTION","num_sections":2}""", "SECTION 1\nHere.\nSECTION 2\nThere.", "SECTION 1\nHere. SECTION two"),
        ("detectable_format:json_format", "{}", "```json\n{\"a\": [1, 2]}\n```", "{a: 1}"),
        ("detectable_format:title", "{}", "<<A title>>\nText", "<< >>\nText"),
        ("combination:two_responses", "{}", "One answer.\n******\nAnother answer.", "The same.\n******\nThe same."),
        ("combination:repeat_prompt",
            """{"prompt_to_repeat":"Write a poem."}""", "write a poem.\nRoses are red.", "Roses are red. Write a poem."),
        ("startend:end_checker",
            """{"end_phrase":"Is there anything else?"}""", "Done. Is there anything else?\"", "Is there anything else? Done."),
        ("startend:quotation", "{}", "\"All of it.\"", "\"Not all\" of it."),
        ("change_case:capital_word_frequency",
            """{"capital_frequency":2,"capital_relation":"at least"}""", "This is VERY WELL-KNOWN.", "This is VERY well known."),
        ("change_case:english_capital", "{}", "THE DOG IS IN THE GARDEN.", "THE DOG is in the garden."),
        ("change_case:english_lowercase", "{}", "the dog is in the garden.", "The dog is in the garden."),
        ("punctuation:no_comma", "{}", "No commas here; none.", "One, here."),
    ];

    [Fact]
    public void Checks_OfAllIds_AcceptWhatFollowsAndRefuseWhatDoesNot()
    {
        Assert.Equal(25, InstructionChecks.Ids.Count);
        Assert.Equal(InstructionChecks.Ids.Order(), Cases.Select(one => one.Id).Distinct().Order());
        Assert.All(Cases, one =>
        {
            Assert.True(Check(one.Id, one.Arguments, one.Followed), $"{one.Id}: '{one.Followed}' follows");
            Assert.False(Check(one.Id, one.Arguments, one.Broken), $"{one.Id}: '{one.Broken}' does not follow");
        });
    }

    [Theory]
    [InlineData("english_capital", "DER HUND IST NICHT IM GARTEN UND DIE KATZE AUCH NICHT.")]
    [InlineData("english_lowercase", "der hund ist nicht im garten und die katze auch nicht.")]
    public void Checks_OfEnglishCase_RefuseOtherLanguages(string check, string text) =>
        Assert.False(Check($"change_case:{check}", "{}", text));

    [Theory]
    [InlineData("hi", "यह एक सुंदर दिन है और हम बगीचे में बैठे हैं।")]
    [InlineData("mr", "हा एक सुंदर दिवस आहे आणि आम्ही बागेत बसलो आहेत.")]
    [InlineData("ne", "यो एक राम्रो दिन हो र हामी बगैंचामा बसेका छन्। मेरो घर यहाँ छ।")]
    [InlineData("kn", "ಇದು ಒಂದು ಸುಂದರ ದಿನ.")]
    [InlineData("vi", "Đây là một ngày đẹp trời và chúng tôi đang ngồi trong vườn.")]
    [InlineData("ko", "오늘은 아름다운 날입니다.")]
    [InlineData("sw", "Hii ni siku nzuri na sisi tunakaa katika bustani kwa furaha.")]
    [InlineData("pa", "ਇਹ ਇੱਕ ਸੁੰਦਰ ਦਿਨ ਹੈ।")]
    [InlineData("fa", "این یک روز زیبا است و ما در باغ نشسته‌ایم که گل دارد.")]
    [InlineData("ur", "یہ ایک خوبصورت دن ہے اور ہم باغ میں بیٹھے ہیں۔")]
    [InlineData("ar", "هذا يوم جميل ونحن نجلس في الحديقة مع الأصدقاء.")]
    [InlineData("ru", "Это прекрасный день, и мы сидим в саду с друзьями.")]
    [InlineData("bg", "Това е прекрасен ден и ние седим в градината с приятели, които са тук.")]
    [InlineData("pt", "Este é um dia bonito e nós não estamos em casa, mas no jardim com os amigos.")]
    [InlineData("es", "Este es un día bonito y no estamos en casa, pero sí en el jardín con los amigos.")]
    [InlineData("it", "Questa è una bella giornata e non siamo in casa, ma nel giardino con gli amici.")]
    [InlineData("fi", "Tämä on kaunis päivä ja me emme ole kotona, mutta puutarha on täynnä kukkia.")]
    [InlineData("fr", "C'est une belle journée et nous sommes dans le jardin avec des amis.")]
    [InlineData("gu", "આ એક સુંદર દિવસ છે.")]
    [InlineData("te", "ఇది ఒక అందమైన రోజు.")]
    [InlineData("ta", "இது ஒரு அழகான நாள்.")]
    [InlineData("th", "วันนี้เป็นวันที่สวยงาม")]
    [InlineData("bn", "এটি একটি সুন্দর দিন।")]
    [InlineData("ja", "今日は美しい日です。")]
    [InlineData("zh", "今天是美好的一天。")]
    [InlineData(null, "1234 5678")]
    public void Of_ATextOfALanguage_NamesIt(string? language, string text) => Assert.Equal(language, LanguageGuess.Of(text));

    [Fact]
    public async Task Grade_LooseForm_LeavesOutLinesAndStars()
    {
        EvalTask task = TaskCatalog.Find("ifeval");
        EvalSample sample = task.Load(TaskData.Samples)[0];
        SampleGrade grade = await task.GradeAsync(sample, new() { Texts = ["Sure, here it is:\nMy garden is green."] });
        Assert.Equal((0.0, 1.0), (grade.Metrics["prompt_strict"], grade.Metrics["prompt_loose"]));
        Assert.Equal("not followed: punctuation:no_comma", grade.Reason);
        SampleGrade empty = await task.GradeAsync(sample, new() { Texts = [" "] });
        Assert.Equal(0, empty.Metrics["prompt_loose"]);
    }

    [EvalDataFact("ifeval/input_data.jsonl")]
    public async Task Grade_AllPublishedPrompts_ReadsEveryArgument()
    {
        EvalTask task = TaskCatalog.Find("ifeval");
        double instructions = 0;
        foreach (EvalSample sample in task.Load(TaskData.Directory(EvalData.PathOf(".")!)))
            instructions += (await task.GradeAsync(
                sample, new() { Texts = ["Some text. It has *two* sentences and [one] place."] })).Metrics["instructions"];
        Assert.Equal(834, instructions);
    }

    private static bool Check(string id, string arguments, string text) =>
        InstructionChecks.Find(id)(text, new InstructionArguments(id, JsonSerializer.Deserialize<JsonElement>(arguments)));
}
