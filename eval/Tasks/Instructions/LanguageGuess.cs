using AgentKit.Eval.Text;

namespace AgentKit.Eval.Tasks.Instructions;

/// <summary>
/// Guesses the language of a text: by its script where that decides, else by function words and letters that only one of the languages of
/// that script has. It knows the languages that IFEval asks for and the common European ones.
/// </summary>
internal static class LanguageGuess
{
    private static readonly (string Script, int From, int To)[] Scripts =
    [
        ("latin", 0x41, 0x24F), ("latin", 0x1E00, 0x1EFF), ("greek", 0x370, 0x3FF), ("cyrillic", 0x400, 0x52F), ("hebrew", 0x590, 0x5FF),
            ("arabic", 0x600, 0x77F),
        ("arabic", 0xFB50, 0xFEFF), ("devanagari", 0x900, 0x97F), ("bengali", 0x980, 0x9FF), ("gurmukhi", 0xA00, 0xA7F),
            ("gujarati", 0xA80, 0xAFF),
        ("tamil", 0xB80, 0xBFF), ("telugu", 0xC00, 0xC7F), ("kannada", 0xC80, 0xCFF), ("malayalam", 0xD00, 0xD7F), ("thai", 0xE00, 0xE7F),
        ("kana", 0x3040, 0x30FF), ("han", 0x4E00, 0x9FFF), ("hangul", 0xAC00, 0xD7AF), ("hangul", 0x1100, 0x11FF),
    ];

    private static readonly Dictionary<string, string> OneLanguage = new()
    {
        ["greek"] = "el", ["hebrew"] = "he", ["bengali"] = "bn", ["gurmukhi"] = "pa", ["gujarati"] = "gu", ["tamil"] = "ta",
            ["telugu"] = "te", ["kannada"] = "kn",
        ["malayalam"] = "ml", ["thai"] = "th", ["kana"] = "ja", ["hangul"] = "ko", ["han"] = "zh",
    };

    private static readonly Dictionary<string, (string Language, string Words, string Letters)[]> Candidates = new()
    {
        ["latin"] =
        [
            ("en", "the of and to in is that it for was on are with as be this at you not have but from they which or his her we i my your",
                ""),
            ("de", "der die das und ist nicht ein eine ich zu den mit sich auf für im dem des auch es sie wir von werden haben als bei wie",
                "äöüß"),
            ("fr", "le la les des et est une un pas que pour dans qui sur ne au avec ce il elle nous vous sont plus du cette par",
                "éèêàçœù"),
            ("es", "el la los las que y es en un una por con para no se del su lo como más pero está al muy sus", "ñ¿¡áéíóú"),
            ("pt", "o os as que e é em um uma para com não se do da no na por mais como dos das ao muito sua seu você", "ãõçâêôáéíóú"),
            ("it", "il lo gli la le che di e è in un una per con non si del della sono come più ma anche nel alla i questo", "àèìòù"),
            ("nl", "de het een en van is niet dat in op te zijn voor met die aan er ook als maar bij wordt naar", "ĳ"),
            ("sv", "och att det är som en på för med den till av inte har om ett jag men vi de", "åäö"),
            ("fi", "ja on ei että se oli hän mutta ovat kun niin myös tai joka sekä ole minä tämä siitä", "äö"),
            ("vi", "và của là có không một những được cho trong với các này người đã để khi như bạn tôi",
                "ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"),
            ("sw", "na ya wa kwa ni katika za la kama hii cha yake si au kuwa hiyo lakini pia watu mimi wewe sana", ""),
            ("tr", "ve bir bu da de için ile çok olarak daha ne gibi o ama kadar değil olan", "ğışçöü"),
            ("pl", "i w na nie się z do jest to że o jak po co ale od za przez są", "ąćęłńóśźż"),
            ("id", "yang dan di ini itu dengan untuk dari tidak adalah dalam akan pada ke saya juga", ""),
        ],
        ["cyrillic"] =
        [
            ("ru", "и в не на что с по это как к но он из у за от так же для я вы мы был быть или", "ыэё"),
            ("bg", "и на в да се за е от с не са като по това но съм ще има те много или който което", "ъ"),
            ("uk", "і в не на що з до як це та для але за від є про його він", "іїєґ"),
        ],
        ["arabic"] =
        [
            ("ar", "من في على إلى أن هذا التي هذه و لا ما مع كان الذي عن أو هو هي كل قد", "ةىأإؤئ"),
            ("fa", "و در به از که این را با است برای آن می یک خود تا بر هم شما من", "پچژگ"),
            ("ur", "کے میں کی ہے اور سے کا کو نے پر یہ ہیں کہ ایک بھی ہم آپ", "ٹڈڑںہےھ"),
        ],
        ["devanagari"] =
        [
            ("hi", "है के में की का और से को हैं यह पर एक नहीं कि भी ने लिए था हो मैं आप", ""),
            ("mr", "आहे आणि आहेत या व तो हे मी की नाही ते एक होते मध्ये तुम्ही आपण साठी करून", "ळ"),
            ("ne", "छ र को मा लाई छन् हो पनि यो गर्न भएको तथा तर एक म तपाईं गर्नुहोस्", ""),
        ],
    };

    /// <summary>The language's two-letter code; <c>null</c> when the text gives no hint.</summary>
    public static string? Of(string text)
    {
        string lower = PythonText.Lower(text);
        var scripts = lower.Where(char.IsLetter).Select(ScriptOf).OfType<string>().GroupBy(script => script)
            .ToDictionary(group => group.Key, group => group.Count());
        if (scripts.Count == 0) return null;
        string script = Most(scripts);
        // Japanese mixes both.
        if (script == "han" && scripts.GetValueOrDefault("kana") * 5 >= scripts["han"]) return "ja";
        return OneLanguage.TryGetValue(script, out string? only) ? only : ByWords(lower, Candidates[script]);
    }

    private static string Most(Dictionary<string, int> scripts) => scripts.MaxBy(pair => pair.Value).Key;

    private static string? ByWords(string text, (string Language, string Words, string Letters)[] candidates)
    {
        // Marks of vowels are no letters in .NET, and belong to words in Indian scripts.
        string[] words = [.. PythonText.Split(text)
            .Select(word => word.Trim('.', ',', '!', '?', ':', ';', '"', '\'', '(', ')', '*', '।', '،', '؟', '#', '-'))];
        var scores = candidates.Select(candidate =>
        {
            string[] known = candidate.Words.Split(' ');
            double letters = text.Count(c => candidate.Letters.Contains(c, StringComparison.Ordinal)) / 4.0;
            return (candidate.Language, Score: words.Count(known.Contains) + letters);
        }).ToArray();
        (string Language, double Score) best = scores.MaxBy(score => score.Score);
        return best.Score > 0 ? best.Language : null;
    }

    private static string? ScriptOf(char c) => Scripts.FirstOrDefault(script => c >= script.From && c <= script.To).Script;
}
